import {
  AppError,
  assertNever,
  createMessage,
  type Connection,
  type Feed,
  type RestoreReview,
  type ReviewedDestination,
} from '../../contract/index.ts';
import { connectionDestination, feedDestination, type SecretBinding, type Connections } from '../connections/index.ts';
import type { Feeds } from '../feeds/index.ts';
import type { RestoredDatabase, Store } from '../store/index.ts';

/**
 * Sends nothing after a restore until the operator has seen what the restored database would send and where to. A
 * database that is not the one that this app wrote last counts as restored, because its file may have been replaced by
 * hand. The state is in the audit log, so that it survives a restart.
 */
export class RestoreReviews {
  readonly #store: Store;
  #pending: RestoredDatabase | null;

  private constructor(store: Store, pending: RestoredDatabase | null) {
    this.#store = store;
    this.#pending = pending;
  }

  /** A database without connections can send nothing, so it needs no review; this is recorded. */
  static async open(store: Store): Promise<RestoreReviews> {
    const pending = await store.run('unreviewedRestore', null);
    const reviews = new RestoreReviews(store, pending);
    const connections = pending === null ? [] : await store.run('connections', null);
    if (pending !== null && connections.length === 0) await reviews.complete(pending.sequence);
    return reviews;
  }

  get isPending(): boolean {
    return this.#pending !== null;
  }

  /** Throws restore_not_reviewed. */
  assertMaySend(): void {
    if (this.#pending === null) return;
    throw new AppError('restore_not_reviewed', createMessage('maintenance.restoreNotReviewed'), { retryable: true });
  }

  /** Compares the database with the keychain; null if no review is pending. */
  async getReview(connections: Connections, feeds: Feeds): Promise<RestoreReview | null> {
    if (this.#pending === null) return null;
    const { sequence, at, backupName } = this.#pending;
    const destinations: ReviewedDestination[] = [];
    for (const connection of connections.list())
      destinations.push(describeConnection(connection, await connections.inspectSecret(connection.id)));
    for (const feed of feeds.list())
      destinations.push(describeFeed(feed, connections.get(feed.connectionId), await feeds.inspectSecret(feed.id)));
    const unresolved = await this.#store.run('unresolvedCancellations', null);
    return {
      restoredSequence: sequence,
      restoredAt: at,
      backupName,
      destinations,
      unresolvedCancellations: unresolved.length,
    };
  }

  /** Records the review. Throws restore_not_reviewed if another database was restored since the operator saw it. */
  async complete(restoredSequence: number): Promise<void> {
    if (this.#pending === null) return;
    if (this.#pending.sequence !== restoredSequence)
      throw new AppError('restore_not_reviewed', createMessage('maintenance.restoreReviewOutdated'));
    await this.#store.run('appendAudit', {
      action: 'restore_reviewed',
      detail: { kind: 'restore_review', restoredSequence },
    });
    this.#pending = null;
  }
}

function describeConnection(connection: Connection, binding: SecretBinding): ReviewedDestination {
  const { id, name, environment, baseUrl, isLocked } = connection;
  const destination = connectionDestination({ baseUrl, environment, provider: connection.options.provider });
  return { kind: 'connection', id, name, environment, destination, isOff: isLocked, ...toCheck(binding) };
}

function describeFeed(feed: Feed, { environment }: Connection, binding: SecretBinding | null) {
  const { id, name, source, enabled } = feed;
  const destination = source.kind === 'url' ? feedDestination(source.url) : source.path;
  return { kind: 'feed' as const, id, name, environment, destination, isOff: !enabled, ...toCheck(binding) };
}

function toCheck(binding: SecretBinding | null): Pick<ReviewedDestination, 'check' | 'storedFor'> {
  if (binding === null) return { check: 'no_secret', storedFor: null };
  switch (binding.kind) {
    case 'matches':
    case 'missing':
    case 'unreadable':
      return { check: binding.kind, storedFor: null };
    case 'other_destination':
      return { check: 'differs', storedFor: binding.storedFor };
    default:
      return assertNever(binding);
  }
}
