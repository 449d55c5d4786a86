import { randomUUID } from 'node:crypto';
import {
  AppError,
  productsByProvider,
  type ParsedInput,
  type Connection,
  type Feed,
  type WorkspaceName,
} from '../../contract/index.ts';
import { auditFields } from '../connections/index.ts';
import type { FeedRow } from '../store/index.ts';
import { validateFolder, validateUrl, feedError } from './feed-validation.ts';
import { secretAccountFor, createEntry, toFeed, type FeedEntry } from './feed-entry.ts';
import { runFeed, type FeedRunDependencies } from './feed-run.ts';

/** After a start the console first shows itself. */
const initialDelayMs = 5_000;
const maxDelayMs = 3_600_000;

export interface FeedsDependencies extends FeedRunDependencies {
  readonly workspace: WorkspaceName;
  readonly random: () => number;
  onFeedsChanged(): void;
}

/** The feeds of a workspace, each run at its interval, one run of a feed at a time. */
export class Feeds {
  readonly #dependencies: FeedsDependencies;
  readonly #entries = new Map<string, FeedEntry>();
  readonly #abortController = new AbortController();

  private constructor(dependencies: FeedsDependencies) {
    this.#dependencies = dependencies;
  }

  static async open(dependencies: FeedsDependencies): Promise<Feeds> {
    const feeds = new Feeds(dependencies);
    for (const row of await dependencies.store.run('feeds', null))
      feeds.#scheduleRun(feeds.#addEntry(row), initialDelayMs);
    return feeds;
  }

  list(): Feed[] {
    return [...this.#entries.values()].map((entry) => this.#toFeed(entry));
  }

  /** Throws feed_refused, product_mismatch, or what the vault throws. Nothing is asked yet: the first run follows at once. */
  async add({ connectionId, secret, allowInMemory, ...given }: ParsedInput<'feeds.add'>): Promise<Feed> {
    const connection = this.#dependencies.connections.get(connectionId);
    if (this.#dependencies.workspace === 'practice') {
      throw feedError('Practice has its own simulated sessions and takes no feed. Leave practice to add one.');
    }
    if (!productsByProvider[connection.options.provider].includes(given.product)) {
      const message = `${connection.name} has no such product. Choose one of its own.`;
      throw new AppError('product_mismatch', message, { details: { field: 'product' } });
    }
    const source =
      given.source.kind === 'url'
        ? { ...given.source, url: validateUrl(given.source.url) }
        : { ...given.source, path: await validateFolder(given.source.path) };
    if (secret !== null && source.kind === 'folder')
      throw feedError('A folder needs no secret. Leave it empty.', 'secret');
    const id = randomUUID();
    const secretPlace =
      secret === null ? null : await this.#dependencies.secretStore.set(secretAccountFor(id), secret, allowInMemory);
    const row: FeedRow = {
      id,
      connectionId,
      secretPlace,
      settings: JSON.stringify({ ...given, source, enabled: true }),
      createdAt: new Date().toISOString(),
      cursor: null,
      since: null,
      runBeganAt: null,
      lastRunAt: null,
      lastError: null,
      lastCounts: null,
    };
    try {
      const audit = {
        action: 'feed_added' as const,
        ...auditFields(connection),
        detail: `${given.name} (${source.kind})`,
      };
      await this.#dependencies.store.run('addFeed', { row, audit });
    } catch (error) {
      await this.#dependencies.secretStore.delete(secretAccountFor(id), secretPlace);
      throw error;
    }
    const entry = this.#addEntry(row);
    this.#scheduleRun(entry, 0);
    this.#dependencies.onFeedsChanged();
    return this.#toFeed(entry);
  }

  async change({ feedId, enabled, intervalMinutes }: ParsedInput<'feeds.change'>): Promise<Feed> {
    const entry = this.#getEntry(feedId);
    const settings = {
      ...entry.settings,
      enabled: enabled ?? entry.settings.enabled,
      intervalMinutes: intervalMinutes ?? entry.settings.intervalMinutes,
    };
    const when = settings.enabled ? `every ${settings.intervalMinutes} min` : 'off';
    await this.#saveSettings(entry, settings, entry.row.secretPlace, `${settings.name}: ${when}`);
    this.#scheduleRun(entry, settings.intervalMinutes * 60_000);
    return this.#toFeed(entry);
  }

  async replaceSecret({ feedId, secret, allowInMemory }: ParsedInput<'feeds.replaceSecret'>): Promise<Feed> {
    const entry = this.#getEntry(feedId);
    if (entry.settings.source.kind === 'folder') throw feedError('A folder needs no secret.', 'secret');
    const place = await this.#dependencies.secretStore.set(secretAccountFor(feedId), secret, allowInMemory);
    await this.#saveSettings(entry, entry.settings, place, `${entry.settings.name}: secret replaced`);
    return this.#toFeed(entry);
  }

  /** The sessions it brought stay. */
  async remove(feedId: string): Promise<void> {
    const entry = this.#getEntry(feedId);
    // First: where the keychain does not let go of the secret, the feed stays.
    await this.#dependencies.secretStore.delete(secretAccountFor(feedId), entry.row.secretPlace);
    if (entry.timer) clearTimeout(entry.timer);
    this.#entries.delete(feedId);
    entry.abortController.abort();
    await entry.currentRun;
    this.#dependencies.http.releaseConnection(feedId);
    const audit = {
      action: 'feed_removed' as const,
      ...auditFields(this.#getConnection(entry)),
      detail: entry.settings.name,
    };
    await this.#dependencies.store.run('deleteFeed', { id: feedId, audit });
    this.#dependencies.onFeedsChanged();
  }

  /** Runs a feed now and answers when the run is over; one that runs already is waited for. */
  async run(feedId: string): Promise<Feed> {
    const entry = this.#getEntry(feedId);
    await this.#startRun(entry);
    return this.#toFeed(entry);
  }

  /** Throws connection_in_use where a feed brings sessions to the connection. */
  assertNoFeed(connectionId: string): void {
    const entry = [...this.#entries.values()].find(({ row }) => row.connectionId === connectionId);
    if (!entry) return;
    throw new AppError(
      'connection_in_use',
      `The feed ${entry.settings.name} brings sessions to this connection. Remove the feed first.`,
    );
  }

  /** What is being taken is finished durably; the rest comes with the next run. */
  async close(): Promise<void> {
    this.#abortController.abort();
    for (const { timer, abortController } of this.#entries.values()) {
      if (timer) clearTimeout(timer);
      abortController.abort();
    }
    await Promise.all([...this.#entries.values()].map(({ currentRun }) => currentRun));
  }

  #startRun(entry: FeedEntry): Promise<void> {
    if (this.#abortController.signal.aborted) throw new AppError('workspace_unavailable', 'The console is closing.');
    if (entry.currentRun) return entry.currentRun;
    entry.currentRun = runFeed(this.#dependencies, entry).finally(() => {
      entry.currentRun = null;
      if (this.#entries.has(entry.row.id)) this.#scheduleRun(entry, entry.settings.intervalMinutes * 60_000);
      this.#dependencies.onFeedsChanged();
    });
    this.#dependencies.onFeedsChanged();
    return entry.currentRun;
  }

  async #saveSettings(
    entry: FeedEntry,
    settings: FeedEntry['settings'],
    secretPlace: FeedRow['secretPlace'],
    detail: string,
  ): Promise<void> {
    const audit = { action: 'feed_changed' as const, ...auditFields(this.#getConnection(entry)), detail };
    await this.#dependencies.store.run('changeFeed', {
      id: entry.row.id,
      settings: JSON.stringify(settings),
      secretPlace,
      audit,
    });
    entry.settings = settings;
    entry.row = { ...entry.row, secretPlace };
    this.#dependencies.onFeedsChanged();
  }

  #addEntry(row: FeedRow): FeedEntry {
    const entry = createEntry(row);
    this.#entries.set(row.id, entry);
    return entry;
  }

  /** A feed that fails is asked ever less often; jitter keeps feeds of many desks apart. */
  #scheduleRun(entry: FeedEntry, afterMs: number): void {
    if (entry.timer) clearTimeout(entry.timer);
    entry.timer = null;
    entry.nextRunAt = null;
    if (!entry.settings.enabled || this.#abortController.signal.aborted) return;
    const growing = Math.min(afterMs * 2 ** Math.min(entry.consecutiveFailures, 6), Math.max(maxDelayMs, afterMs));
    const restMs = growing * (0.95 + this.#dependencies.random() / 10);
    entry.nextRunAt = Date.now() + restMs;
    entry.timer = setTimeout(() => void this.#startRun(entry).catch(() => undefined), restMs);
    entry.timer.unref();
  }

  #getConnection({ row }: FeedEntry): Connection {
    return this.#dependencies.connections.get(row.connectionId);
  }

  #getEntry(id: string): FeedEntry {
    const entry = this.#entries.get(id);
    if (!entry) throw feedError('This feed does not exist any more.');
    return entry;
  }

  #toFeed(entry: FeedEntry): Feed {
    return toFeed(entry, this.#dependencies.secretStore.isInMemory(secretAccountFor(entry.row.id)));
  }
}
