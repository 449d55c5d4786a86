import { randomUUID } from 'node:crypto';
import {
  AppError,
  createMessage,
  type AuditDetailOf,
  type ParsedInput,
  type Connection,
  type Feed,
  type WorkspaceName,
} from '../../contract/index.ts';
import {
  assertProduct,
  auditFields,
  feedDestination,
  inspectSecret,
  type SecretBinding,
} from '../connections/index.ts';
import { requireConfirmation, type ConfirmInHost } from '../host-confirmation.ts';
import type { FeedRow } from '../store/index.ts';
import {
  validateFolder,
  validateUrl,
  feedError,
  readFeedSecret,
  secretAccountFor,
  createEntry,
  toFeed,
  type FeedEntry,
} from './feed-entry.ts';
import { runFeed, type FeedRunDependencies } from './feed-run.ts';

/** Delay of the first runs after a start, so that the window opens first. */
const initialDelayMs = 5_000;
const maxDelayMs = 3_600_000;

export interface FeedsDependencies extends FeedRunDependencies {
  readonly workspace: WorkspaceName;
  readonly random: () => number;
  readonly confirmInHost: ConfirmInHost | null;
  onFeedsChanged(): void;
}

/** The feeds of a workspace. Each runs at its interval, one run at a time per feed. */
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

  /**
   * Stores a feed and schedules its first run for now. Throws feed_refused, product_mismatch, confirmation_declined or
   * an error of the secret store.
   */
  async add({ connectionId, secret, allowInMemory, ...settings }: ParsedInput<'feeds.add'>): Promise<Feed> {
    const connection = this.#dependencies.connections.get(connectionId);
    if (this.#dependencies.workspace === 'practice') {
      throw feedError(createMessage('feed.notInPractice'));
    }
    assertProduct(connection, settings.product);
    const source =
      settings.source.kind === 'url'
        ? { ...settings.source, url: validateUrl(settings.source.url) }
        : { ...settings.source, path: await validateFolder(settings.source.path) };
    if (secret !== null && source.kind === 'folder') throw feedError(createMessage('feed.folderHasNoSecret'), 'secret');
    await this.#confirmNewSource(settings.name, source);
    const id = randomUUID();
    const secretPlace =
      secret === null || source.kind === 'folder'
        ? null
        : await this.#dependencies.secretStore.setBound(secretAccountFor(id), secret, {
            destination: feedDestination(source.url),
            allowInMemory,
          });
    const row: FeedRow = {
      id,
      connectionId,
      secretPlace,
      settings: JSON.stringify({ ...settings, source, enabled: true }),
      createdAt: new Date().toISOString(),
      cursor: null,
      since: null,
      runBeganAt: null,
      lastRunAt: null,
      lastError: null,
      lastCounts: null,
    };
    try {
      const detail = { kind: 'feed' as const, feed: settings.name, source: source.kind };
      const audit = { action: 'feed_added' as const, ...auditFields(connection), detail };
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
    const schedule = settings.enabled ? settings.intervalMinutes : null;
    await this.#saveSettings(entry, settings, entry.row.secretPlace, {
      kind: 'feed_schedule',
      feed: settings.name,
      intervalMinutes: schedule,
    });
    this.#scheduleRun(entry, settings.intervalMinutes * 60_000);
    return this.#toFeed(entry);
  }

  async replaceSecret({ feedId, secret, allowInMemory }: ParsedInput<'feeds.replaceSecret'>): Promise<Feed> {
    const entry = this.#getEntry(feedId);
    const { source, name } = entry.settings;
    if (source.kind === 'folder') throw feedError(createMessage('feed.folderHasNoSecret'), 'secret');
    const destination = feedDestination(source.url);
    const binding = await this.inspectSecret(feedId);
    // Also for the first secret of a feed: after a restore, the database alone names its URL.
    if (binding?.kind !== 'matches') {
      const storedFor = binding?.kind === 'other_destination' ? binding.storedFor : null;
      const request = { kind: 'secret_destination' as const, name, storedFor, destination };
      await requireConfirmation(this.#dependencies.confirmInHost, request);
    }
    const secretPlace = await this.#dependencies.secretStore.setBound(secretAccountFor(feedId), secret, {
      destination,
      allowInMemory,
    });
    await this.#saveSettings(entry, entry.settings, secretPlace, { kind: 'feed_secret', feed: name });
    return this.#toFeed(entry);
  }

  /** Whether the feed's secret can be sent to its present URL; null if the feed has none. */
  async inspectSecret(feedId: string): Promise<SecretBinding | null> {
    const entry = this.#getEntry(feedId);
    if (entry.row.secretPlace === null) return null;
    return await inspectSecret(
      async () => (await readFeedSecret(this.#dependencies.secretStore, entry)) ?? { kind: 'missing' },
    );
  }

  /**
   * Deletes the feed and its secret. The sessions that it added stay tracked. Throws feed_refused or a keychain_ code.
   */
  async remove(feedId: string): Promise<void> {
    const entry = this.#getEntry(feedId);
    // The secret is deleted first: if that fails, the feed stays.
    await this.#dependencies.secretStore.delete(secretAccountFor(feedId), entry.row.secretPlace);
    if (entry.timer) clearTimeout(entry.timer);
    this.#entries.delete(feedId);
    entry.abortController.abort();
    await entry.currentRun;
    this.#dependencies.http.releaseConnection(feedId);
    const detail = { kind: 'feed' as const, feed: entry.settings.name, source: entry.settings.source.kind };
    const audit = { action: 'feed_removed' as const, ...auditFields(this.#getConnection(entry)), detail };
    await this.#dependencies.store.run('deleteFeed', { id: feedId, audit });
    this.#dependencies.onFeedsChanged();
  }

  /** Runs a feed now and returns after the run. If a run is active, waits for that run instead. */
  async run(feedId: string): Promise<Feed> {
    const entry = this.#getEntry(feedId);
    await this.#startRun(entry);
    return this.#toFeed(entry);
  }

  /** Throws connection_in_use if the connection has a feed. */
  assertNoFeed(connectionId: string): void {
    const entry = [...this.#entries.values()].find(({ row }) => row.connectionId === connectionId);
    if (!entry) return;
    throw new AppError('connection_in_use', createMessage('feed.connectionInUse', { feed: entry.settings.name }));
  }

  /** Stops the schedules and waits for active runs to store their current page or file chunk. */
  async close(): Promise<void> {
    this.#abortController.abort();
    for (const { timer, abortController } of this.#entries.values()) {
      if (timer) clearTimeout(timer);
      abortController.abort();
    }
    await Promise.all([...this.#entries.values()].map(({ currentRun }) => currentRun));
  }

  #startRun(entry: FeedEntry): Promise<void> {
    if (this.#abortController.signal.aborted)
      throw new AppError('workspace_unavailable', createMessage('feed.appClosing'));
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
    detail: AuditDetailOf<'feed_changed'>,
  ): Promise<void> {
    const audit = { action: 'feed_changed' as const, ...auditFields(this.#getConnection(entry)), detail };
    await this.#dependencies.store.run('changeFeed', {
      id: entry.row.id,
      settings: JSON.stringify(settings),
      secretPlace,
      audit,
    });
    entry.settings = settings;
    entry.isSecretWithheld = false;
    entry.row = { ...entry.row, secretPlace };
    this.#dependencies.onFeedsChanged();
  }

  #addEntry(row: FeedRow): FeedEntry {
    const entry = createEntry(row);
    this.#entries.set(row.id, entry);
    return entry;
  }

  /**
   * Schedules the next run. Consecutive failures double the delay; jitter spreads the runs of the same feed on several
   * computers.
   */
  #scheduleRun(entry: FeedEntry, afterMs: number): void {
    if (entry.timer) clearTimeout(entry.timer);
    entry.timer = null;
    entry.nextRunAt = null;
    if (!entry.settings.enabled || this.#abortController.signal.aborted) return;
    const backoffMs = Math.min(afterMs * 2 ** Math.min(entry.consecutiveFailures, 6), Math.max(maxDelayMs, afterMs));
    const delayMs = backoffMs * (0.95 + this.#dependencies.random() / 10);
    entry.nextRunAt = Date.now() + delayMs;
    entry.timer = setTimeout(() => void this.#startRun(entry).catch(() => undefined), delayMs);
    entry.timer.unref();
  }

  /** Asks in the host if no other feed requests this origin or reads this folder. */
  async #confirmNewSource(name: string, source: FeedEntry['settings']['source']): Promise<void> {
    const known = [...this.#entries.values()].map(({ settings }) => settings.source);
    const { confirmInHost } = this.#dependencies;
    if (source.kind === 'folder') {
      if (known.some((each) => each.kind === 'folder' && each.path === source.path)) return;
      return await requireConfirmation(confirmInHost, { kind: 'new_folder', name, path: source.path });
    }
    const { origin } = new URL(source.url);
    if (known.some((each) => each.kind === 'url' && new URL(each.url).origin === origin)) return;
    await requireConfirmation(confirmInHost, { kind: 'new_destination', subject: 'feed', name, origin });
  }

  #getConnection({ row }: FeedEntry): Connection {
    return this.#dependencies.connections.get(row.connectionId);
  }

  #getEntry(id: string): FeedEntry {
    const entry = this.#entries.get(id);
    if (!entry) throw feedError(createMessage('feed.notFound'));
    return entry;
  }

  #toFeed(entry: FeedEntry): Feed {
    return toFeed(entry, this.#dependencies.secretStore.isInMemory(secretAccountFor(entry.row.id)));
  }
}
