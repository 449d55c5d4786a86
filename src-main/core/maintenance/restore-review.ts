import {
  AppError,
  assertNever,
  createMessage,
  type Connection,
  type Feed,
  type RestoreReview,
  type ReviewedDestination,
} from '../../contract/index.ts';
import { connectionDestination, feedDestination, type BoundSecret, type Connections } from '../connections/index.ts';
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

  /** Compares the database with the keychain; null if no review is pending. Throws a keychain_ error. */
  async describe(connections: Connections, feeds: Feeds): Promise<RestoreReview | null> {
    if (this.#pending === null) return null;
    const { sequence, at, backupName } = this.#pending;
    const destinations: ReviewedDestination[] = [];
    for (const connection of connections.list())
      destinations.push(describeConnection(connection, await connections.readSecret(connection.id)));
    for (const feed of feeds.list())
      destinations.push(describeFeed(feed, connections.get(feed.connectionId), await feeds.readSecret(feed.id)));
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
    await this.#store.run('appendAudit', { action: 'restore_reviewed', detail: `record ${restoredSequence}` });
    this.#pending = null;
  }
}

function describeConnection(connection: Connection, found: BoundSecret): ReviewedDestination {
  const { id, name, environment, baseUrl, isLocked } = connection;
  const destination = connectionDestination({ baseUrl, environment, provider: connection.options.provider });
  return { kind: 'connection', id, name, environment, destination, isOff: isLocked, ...toCheck(found) };
}

function describeFeed(feed: Feed, { environment }: Connection, found: BoundSecret | { kind: 'none' }) {
  const { id, name, source, enabled } = feed;
  const destination = source.kind === 'url' ? feedDestination(source.url) : source.path;
  return { kind: 'feed' as const, id, name, environment, destination, isOff: !enabled, ...toCheck(found) };
}

function toCheck(found: BoundSecret | { kind: 'none' }): Pick<ReviewedDestination, 'check' | 'storedFor'> {
  switch (found.kind) {
    case 'found':
      return { check: 'matches', storedFor: null };
    case 'other_destination':
      return { check: 'differs', storedFor: found.storedFor };
    case 'missing':
      return { check: 'missing', storedFor: null };
    case 'none':
      return { check: 'no_secret', storedFor: null };
    default:
      return assertNever(found);
  }
}
