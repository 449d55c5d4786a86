/** The secret of a feed, bound to the origin that the feed requests. */
import { feedDestination, type BoundSecret, type SecretStore } from '../connections/index.ts';
import { secretAccountFor, type FeedEntry } from './feed-entry.ts';

/** `none`: the feed has no secret. */
export type FeedSecret = BoundSecret | { readonly kind: 'none' };

/** Throws a keychain_ error. */
export async function readFeedSecret(secretStore: SecretStore, { row, settings }: FeedEntry): Promise<FeedSecret> {
  if (row.secretPlace === null || settings.source.kind === 'folder') return { kind: 'none' };
  return await secretStore.getBound(secretAccountFor(row.id), feedDestination(settings.source.url));
}
