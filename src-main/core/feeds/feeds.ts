import { randomUUID } from 'node:crypto';
import {
  DeskError,
  productsOf,
  type CheckedInput,
  type Connection,
  type Feed,
  type WorkspaceName,
} from '../../contract/index.ts';
import { auditFacts } from '../connections/index.ts';
import type { FeedRow } from '../store/index.ts';
import { checkedFolder, checkedUrl, refused } from './feed-validation.ts';
import { accountOf, entryOf, viewOf, type Entry } from './feed-entry.ts';
import { runOnce, type RunParts } from './feed-run.ts';

/** After a start the console first shows itself. */
const firstRunMs = 5_000;
const longestRestMs = 3_600_000;

export interface FeedsParts extends RunParts {
  readonly workspace: WorkspaceName;
  readonly random: () => number;
  changed(): void;
}

/** The feeds of a workspace, each run at its interval, one run of a feed at a time. */
export class Feeds {
  readonly #parts: FeedsParts;
  readonly #entries = new Map<string, Entry>();
  readonly #stopping = new AbortController();

  private constructor(parts: FeedsParts) {
    this.#parts = parts;
  }

  static async open(parts: FeedsParts): Promise<Feeds> {
    const feeds = new Feeds(parts);
    for (const row of await parts.store.run('feeds', null)) feeds.#plan(feeds.#keep(row), firstRunMs);
    return feeds;
  }

  list(): Feed[] {
    return [...this.#entries.values()].map((entry) => this.#view(entry));
  }

  /** Throws feed_refused, product_mismatch, or what the vault throws. Nothing is asked yet: the first run follows at once. */
  async add({ connectionId, secret, keepForThisRun, ...given }: CheckedInput<'feeds.add'>): Promise<Feed> {
    const connection = this.#parts.connections.get(connectionId);
    if (this.#parts.workspace === 'practice') {
      throw refused('Practice has its own simulated sessions and takes no feed. Leave practice to add one.');
    }
    if (!productsOf[connection.options.provider].includes(given.product)) {
      const message = `${connection.name} has no such product. Choose one of its own.`;
      throw new DeskError('product_mismatch', message, { details: { field: 'product' } });
    }
    const source =
      given.source.kind === 'url'
        ? { ...given.source, url: checkedUrl(given.source.url) }
        : { ...given.source, path: await checkedFolder(given.source.path) };
    if (secret !== null && source.kind === 'folder')
      throw refused('A folder needs no secret. Leave it empty.', 'secret');
    const id = randomUUID();
    const secretPlace = secret === null ? null : await this.#parts.vault.put(accountOf(id), secret, keepForThisRun);
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
        ...auditFacts(connection),
        detail: `${given.name} (${source.kind})`,
      };
      await this.#parts.store.run('addFeed', { row, audit });
    } catch (error) {
      await this.#parts.vault.forget(accountOf(id), secretPlace);
      throw error;
    }
    const entry = this.#keep(row);
    this.#plan(entry, 0);
    this.#parts.changed();
    return this.#view(entry);
  }

  async change({ feedId, enabled, intervalMinutes }: CheckedInput<'feeds.change'>): Promise<Feed> {
    const entry = this.#entry(feedId);
    const settings = {
      ...entry.settings,
      enabled: enabled ?? entry.settings.enabled,
      intervalMinutes: intervalMinutes ?? entry.settings.intervalMinutes,
    };
    const when = settings.enabled ? `every ${settings.intervalMinutes} min` : 'off';
    await this.#write(entry, settings, entry.row.secretPlace, `${settings.name}: ${when}`);
    this.#plan(entry, settings.intervalMinutes * 60_000);
    return this.#view(entry);
  }

  async replaceSecret({ feedId, secret, keepForThisRun }: CheckedInput<'feeds.replaceSecret'>): Promise<Feed> {
    const entry = this.#entry(feedId);
    if (entry.settings.source.kind === 'folder') throw refused('A folder needs no secret.', 'secret');
    const place = await this.#parts.vault.put(accountOf(feedId), secret, keepForThisRun);
    await this.#write(entry, entry.settings, place, `${entry.settings.name}: secret replaced`);
    return this.#view(entry);
  }

  /** The sessions it brought stay. */
  async remove(feedId: string): Promise<void> {
    const entry = this.#entry(feedId);
    // First: where the keychain does not let go of the secret, the feed stays.
    await this.#parts.vault.forget(accountOf(feedId), entry.row.secretPlace);
    if (entry.timer) clearTimeout(entry.timer);
    this.#entries.delete(feedId);
    entry.stopping.abort();
    await entry.running;
    this.#parts.http.forget(feedId);
    const audit = {
      action: 'feed_removed' as const,
      ...auditFacts(this.#connection(entry)),
      detail: entry.settings.name,
    };
    await this.#parts.store.run('deleteFeed', { id: feedId, audit });
    this.#parts.changed();
  }

  /** Runs a feed now and answers when the run is over; one that runs already is waited for. */
  async run(feedId: string): Promise<Feed> {
    const entry = this.#entry(feedId);
    await this.#run(entry);
    return this.#view(entry);
  }

  /** Throws connection_in_use where a feed brings sessions to the connection. */
  refuseIfFed(connectionId: string): void {
    const entry = [...this.#entries.values()].find(({ row }) => row.connectionId === connectionId);
    if (!entry) return;
    throw new DeskError(
      'connection_in_use',
      `The feed ${entry.settings.name} brings sessions to this connection. Remove the feed first.`,
    );
  }

  /** What is being taken is finished durably; the rest comes with the next run. */
  async close(): Promise<void> {
    this.#stopping.abort();
    for (const { timer, stopping } of this.#entries.values()) {
      if (timer) clearTimeout(timer);
      stopping.abort();
    }
    await Promise.all([...this.#entries.values()].map(({ running }) => running));
  }

  #run(entry: Entry): Promise<void> {
    if (this.#stopping.signal.aborted) throw new DeskError('workspace_unavailable', 'The console is closing.');
    if (entry.running) return entry.running;
    entry.running = runOnce(this.#parts, entry).finally(() => {
      entry.running = null;
      if (this.#entries.has(entry.row.id)) this.#plan(entry, entry.settings.intervalMinutes * 60_000);
      this.#parts.changed();
    });
    this.#parts.changed();
    return entry.running;
  }

  async #write(
    entry: Entry,
    settings: Entry['settings'],
    secretPlace: FeedRow['secretPlace'],
    detail: string,
  ): Promise<void> {
    const audit = { action: 'feed_changed' as const, ...auditFacts(this.#connection(entry)), detail };
    await this.#parts.store.run('changeFeed', {
      id: entry.row.id,
      settings: JSON.stringify(settings),
      secretPlace,
      audit,
    });
    entry.settings = settings;
    entry.row = { ...entry.row, secretPlace };
    this.#parts.changed();
  }

  #keep(row: FeedRow): Entry {
    const entry = entryOf(row);
    this.#entries.set(row.id, entry);
    return entry;
  }

  /** A feed that fails is asked ever less often; jitter keeps feeds of many desks apart. */
  #plan(entry: Entry, afterMs: number): void {
    if (entry.timer) clearTimeout(entry.timer);
    entry.timer = null;
    entry.nextRunAt = null;
    if (!entry.settings.enabled || this.#stopping.signal.aborted) return;
    const growing = Math.min(afterMs * 2 ** Math.min(entry.failuresInRow, 6), Math.max(longestRestMs, afterMs));
    const restMs = growing * (0.95 + this.#parts.random() / 10);
    entry.nextRunAt = Date.now() + restMs;
    entry.timer = setTimeout(() => void this.#run(entry).catch(() => undefined), restMs);
    entry.timer.unref();
  }

  #connection({ row }: Entry): Connection {
    return this.#parts.connections.get(row.connectionId);
  }

  #entry(id: string): Entry {
    const entry = this.#entries.get(id);
    if (!entry) throw refused('This feed does not exist any more.');
    return entry;
  }

  #view(entry: Entry): Feed {
    return viewOf(entry, this.#parts.vault.holdsInMemory(accountOf(entry.row.id)));
  }
}
