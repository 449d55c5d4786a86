import { randomUUID } from 'node:crypto';
import { realpath, stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import {
  DeskError, importReading, isDeskError, newFeed, productsOf,
  type CheckedInput, type Connection, type Feed, type FeedCounts, type WorkspaceName,
} from '../../contract/index.ts';
import { auditFacts, type Connections, type Vault } from '../connections/index.ts';
import { ImportRun, objectReader, type RunRules } from '../import/index.ts';
import { isLoopback, type Http, type Providers } from '../providers/index.ts';
import type { AuditEntry, FeedRow, Store, ToldSession } from '../store/index.ts';
import { runFolder } from './folder.ts';
import { runUrl } from './url.ts';

/** After a start the console first shows itself. */
const firstRunMs = 5_000;
const longestRestMs = 3_600_000;

export interface FeedsParts {
  readonly workspace: WorkspaceName;
  readonly store: Store;
  readonly vault: Vault;
  readonly connections: Connections;
  readonly providers: Providers;
  readonly http: Http;
  readonly random: () => number;
  tracked(): void;
  changed(): void;
}

const feedSettings = newFeed.omit({ connectionId: true, secret: true, keepForThisRun: true });

interface Entry {
  row: FeedRow;
  settings: ReturnType<typeof feedSettings.parse> & { enabled: boolean };
  running: Promise<void> | null;
  /** Ends a run between two pages or pieces: the feed is removed, or the console closes. */
  readonly stopping: AbortController;
  timer: NodeJS.Timeout | null;
  nextRunAt: number | null;
  failuresInRow: number;
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
    if (this.#parts.workspace === 'practice') throw refused('Practice has its own simulated sessions and takes no feed. Leave practice to add one.');
    if (!productsOf[connection.options.provider].includes(given.product)) {
      throw new DeskError('product_mismatch', `${connection.name} has no such product. Choose one of its own.`, { details: { field: 'product' } });
    }
    const source = given.source.kind === 'url' ? { ...given.source, url: checkedUrl(given.source.url) } : { ...given.source, path: await checkedFolder(given.source.path) };
    if (secret !== null && source.kind === 'folder') throw refused('A folder needs no secret. Leave it empty.', 'secret');
    const id = randomUUID();
    const secretPlace = secret === null ? null : await this.#parts.vault.put(accountOf(id), secret, keepForThisRun);
    const row: FeedRow = {
      id, connectionId, secretPlace, settings: JSON.stringify({ ...given, source, enabled: true }), createdAt: new Date().toISOString(),
      cursor: null, since: null, runBeganAt: null, lastRunAt: null, lastError: null, lastCounts: null,
    };
    try {
      await this.#parts.store.run('addFeed', { row, audit: { action: 'feed_added', ...auditFacts(connection), detail: `${given.name} (${source.kind})` } });
    } catch (error) {
      await this.#parts.vault.forget(accountOf(id));
      throw error;
    }
    const entry = this.#keep(row);
    this.#plan(entry, 0);
    this.#parts.changed();
    return this.#view(entry);
  }

  async change({ feedId, enabled, intervalMinutes }: CheckedInput<'feeds.change'>): Promise<Feed> {
    const entry = this.#entry(feedId);
    const settings = { ...entry.settings, enabled: enabled ?? entry.settings.enabled, intervalMinutes: intervalMinutes ?? entry.settings.intervalMinutes };
    await this.#write(entry, settings, entry.row.secretPlace, `${settings.name}: ${settings.enabled ? `every ${settings.intervalMinutes} min` : 'off'}`);
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
    if (entry.timer) clearTimeout(entry.timer);
    this.#entries.delete(feedId);
    entry.stopping.abort();
    await entry.running;
    await this.#parts.vault.forget(accountOf(feedId));
    this.#parts.http.forget(feedId);
    await this.#parts.store.run('deleteFeed', { id: feedId, audit: { action: 'feed_removed', ...auditFacts(this.#connection(entry)), detail: entry.settings.name } });
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
    if (entry) throw new DeskError('connection_in_use', `The feed ${entry.settings.name} brings sessions to this connection. Remove the feed first.`);
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
    entry.running ??= this.#once(entry).finally(() => {
      entry.running = null;
      if (this.#entries.has(entry.row.id)) this.#plan(entry, entry.settings.intervalMinutes * 60_000);
      this.#parts.changed();
    });
    return entry.running;
  }

  async #once(entry: Entry): Promise<void> {
    const { store } = this.#parts;
    const counts = { parts: 0, lines: 0, added: 0, updated: 0, refused: 0, firstProblem: null as string | null };
    this.#parts.changed();
    let error: string | null;
    try {
      error = entry.settings.source.kind === 'url' ? await this.#url(entry, counts) : await this.#folder(entry, counts);
    } catch (cause) {
      error = isDeskError(cause) ? cause.message : 'The run failed in a way the console does not know. It is tried again.';
    }
    entry.failuresInRow = error === null ? 0 : entry.failuresInRow + 1;
    const at = new Date().toISOString();
    const isNews = counts.added + counts.updated > 0 || error !== entry.row.lastError;
    const lastCounts = JSON.stringify(counts satisfies FeedCounts);
    // Where even this cannot be written, the next run says so again.
    await store.run('endFeedRun', {
      id: entry.row.id, at, error, counts: lastCounts,
      audit: isNews ? this.#audit(entry, error === null ? 'finished' : 'broken_off', `${counts.added} added, ${counts.updated} updated, ${counts.refused} refused`) : null,
    }).catch(() => undefined);
    entry.row = { ...entry.row, lastRunAt: at, lastError: error, lastCounts };
  }

  async #url(entry: Entry, counts: FeedCounts): Promise<string | null> {
    const { source } = entry.settings;
    if (source.kind !== 'url') return null;
    const { vault, http, store } = this.#parts;
    const secret = entry.row.secretPlace === null ? null : await vault.fetch(accountOf(entry.row.id));
    if (entry.row.secretPlace !== null && secret === null) return 'The secret of this feed is not stored any more. Enter it again.';
    return await runUrl({
      row: entry.row, url: source.url, format: source.format, secret, http, signal: entry.stopping.signal, counts, now: Date.now,
      read: async (sessions) => {
        const { good, lines, problems } = await objectReader(this.#rules(entry), sessions);
        const refusals = problems.filter(({ kind }) => kind === 'refused');
        counts.parts += 1;
        counts.lines += lines;
        counts.refused += lines - good.length;
        const [first] = refusals;
        if (first) counts.firstProblem ??= `Page ${counts.parts}, session ${first.line}${first.name === null ? '' : `, ${first.name}`}: ${first.message}`;
        return good;
      },
      take: async (sessions, place) => {
        const taken = await store.run('takeFeedPage', { place: { id: entry.row.id, ...place }, sessions: { connectionId: entry.row.connectionId, source: 'imported', at: new Date().toISOString(), sessions } });
        entry.row = { ...entry.row, ...place };
        this.#count(counts, taken);
      },
    });
  }

  async #folder(entry: Entry, counts: FeedCounts): Promise<string | null> {
    const { source } = entry.settings;
    if (source.kind !== 'folder') return null;
    const { store } = this.#parts;
    const files = await store.run('feedFiles', entry.row.id);
    return await runFolder({
      path: source.path, signal: entry.stopping.signal, now: Date.now, taken: new Map(files.map(({ name, stamp }) => [name, stamp])),
      begin: () => new ImportRun({
        ...this.#rules(entry), badLines: 'skip', changed: () => undefined,
        write: async (sessions: readonly ToldSession[]) => {
          const taken = await store.run('takeSessions', { connectionId: entry.row.connectionId, source: 'imported', at: new Date().toISOString(), sessions });
          this.#count(counts, taken);
          return taken;
        },
      }),
      done: async (name, stamp, run) => {
        counts.parts += 1;
        counts.lines += run.counts.lines;
        counts.refused += run.counts.refused;
        const problem = run.problems.find(({ kind }) => kind === 'refused');
        if (problem) counts.firstProblem ??= `${name}, line ${problem.line}: ${problem.message}`;
        await store.run('markFeedFile', { feedId: entry.row.id, name, stamp, at: new Date().toISOString(), problem: run.fault?.message ?? null });
      },
    });
  }

  #count(counts: FeedCounts, { added, updated }: { added: number; updated: number }): void {
    counts.added += added;
    counts.updated += updated;
    if (added + updated > 0) this.#parts.tracked();
  }

  #rules({ row, settings }: Entry): Omit<RunRules, 'badLines' | 'write' | 'changed'> {
    const { provider } = this.#parts.connections.get(row.connectionId).options;
    return {
      provider, product: settings.product, reading: importReading.parse(settings.reading), now: Date.now,
      idWarning: (id) => this.#parts.providers[provider].idWarning(id),
      remembered: (columns) => this.#parts.store.run('importMapping', columns),
    };
  }

  async #write(entry: Entry, settings: Entry['settings'], secretPlace: FeedRow['secretPlace'], detail: string): Promise<void> {
    await this.#parts.store.run('changeFeed', {
      id: entry.row.id, settings: JSON.stringify(settings), secretPlace, audit: { action: 'feed_changed', ...auditFacts(this.#connection(entry)), detail },
    });
    entry.settings = settings;
    entry.row = { ...entry.row, secretPlace };
    this.#parts.changed();
  }

  #audit(entry: Entry, outcome: string, detail: string): AuditEntry {
    return { action: 'feed_ran', ...auditFacts(this.#connection(entry)), outcome, detail: `${entry.settings.name}: ${detail}` };
  }

  #keep(row: FeedRow): Entry {
    const stored = JSON.parse(row.settings) as { enabled?: boolean };
    const entry: Entry = {
      row, settings: { ...feedSettings.parse(stored), enabled: stored.enabled !== false }, running: null, stopping: new AbortController(), timer: null, nextRunAt: null, failuresInRow: 0,
    };
    this.#entries.set(row.id, entry);
    return entry;
  }

  /** A feed that fails is asked ever less often; jitter keeps feeds of many desks apart. */
  #plan(entry: Entry, afterMs: number): void {
    if (entry.timer) clearTimeout(entry.timer);
    entry.timer = null;
    entry.nextRunAt = null;
    if (!entry.settings.enabled || this.#stopping.signal.aborted) return;
    const restMs = Math.min(afterMs * 2 ** Math.min(entry.failuresInRow, 6), Math.max(longestRestMs, afterMs)) * (0.95 + this.#parts.random() / 10);
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

  #view({ row, settings, running, nextRunAt }: Entry): Feed {
    const { name, product, source, intervalMinutes, enabled } = settings;
    return {
      id: row.id, name, connectionId: row.connectionId, product, source, intervalMinutes, enabled,
      hasSecret: row.secretPlace === 'keychain' || (row.secretPlace === 'memory' && this.#parts.vault.holdsInMemory(accountOf(row.id))),
      running: running !== null, lastRunAt: row.lastRunAt, lastError: row.lastError,
      lastCounts: row.lastCounts === null ? null : (JSON.parse(row.lastCounts) as FeedCounts),
      nextRunAt: nextRunAt === null ? null : new Date(nextRunAt).toISOString(), createdAt: row.createdAt,
    };
  }
}

function accountOf(feedId: string): string {
  return `feed-${feedId}`;
}

function refused(message: string, field?: string): DeskError {
  return new DeskError('feed_refused', message, { details: field === undefined ? {} : { field } });
}

function checkedUrl(text: string): string {
  const field = 'source.url';
  if (!URL.canParse(text)) throw refused('This is not a URL. It begins with https://.', field);
  const url = new URL(text);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) throw refused('A feed is read over https alone; http is for this machine itself (127.0.0.1).', field);
  if (url.username !== '' || url.password !== '') throw refused('The URL holds a user name or password. Enter the secret in its own field.', field);
  if (url.searchParams.has('since') || url.searchParams.has('cursor')) throw refused('`since` and `cursor` are added by the console. Leave them out of the URL.', field);
  url.hash = '';
  return url.href;
}

async function checkedFolder(path: string): Promise<string> {
  const field = 'source.path';
  if (!isAbsolute(path)) throw refused('Enter the whole path of the folder.', field);
  const real = await realpath(path).catch(() => null);
  const stats = real === null ? null : await stat(real).catch(() => null);
  if (real === null || !stats?.isDirectory()) throw refused('There is no such folder, or it cannot be read.', field);
  return real;
}
