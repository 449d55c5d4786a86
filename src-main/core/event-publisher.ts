import type {
  Batch,
  Cancellation,
  AppState,
  EventName,
  EventPayload,
  ExportState,
  ImportState,
  RefreshState,
  Removal,
  Session,
  Settings,
} from '../contract/index.ts';

/** At most ten events per second of each kind. */
const throttleMs = 100;
/** If more rows change, the renderer reads its page again. */
const maxRows = 500;

type Listener<Name extends EventName> = (payload: EventPayload<Name>) => void;

/** Publishes changes to listeners: the first change immediately, later changes combined every `throttleMs`. */
export class EventPublisher {
  readonly #listeners: { [Name in EventName]: Set<Listener<Name>> } = {
    'app.changed': new Set(),
    'connections.changed': new Set(),
    'sessions.changed': new Set(),
    'cancellations.changed': new Set(),
    'imports.changed': new Set(),
    'refreshes.changed': new Set(),
    'feeds.changed': new Set(),
    'exports.changed': new Set(),
    'batches.changed': new Set(),
    'settings.changed': new Set(),
    'removals.changed': new Set(),
    'audit.appended': new Set(),
    'audit.verificationProgress': new Set(),
    // Sent by the Electron host only.
  };
  readonly #sessions = new Map<number, Session>();
  readonly #cancellations = new Map<string, Cancellation>();
  readonly #imports = new Map<string, ImportState>();
  readonly #refreshes = new Map<string, RefreshState>();
  readonly #exports = new Map<string, ExportState>();
  readonly #batches = new Map<string, Batch>();
  readonly #pending = new Map<EventName, () => void>();
  #timer: NodeJS.Timeout | null = null;
  #isTruncated = false;
  #lastSequence = 0;

  on<Name extends EventName>(name: Name, listener: Listener<Name>): () => void {
    this.#listeners[name].add(listener);
    return () => this.#listeners[name].delete(listener);
  }

  appStateChanged(state: AppState): void {
    this.#schedule('app.changed', () => state);
  }

  settingsChanged(settings: Settings): void {
    this.#schedule('settings.changed', () => settings);
  }

  removalsChanged(rows: Removal[]): void {
    this.#schedule('removals.changed', () => ({ rows }));
  }

  connectionsChanged(): void {
    this.#schedule('connections.changed', () => ({}));
  }

  /** null: too many sessions changed to list them. */
  sessionsChanged(rows: readonly Session[] | null): void {
    for (const row of rows ?? []) this.#sessions.set(row.key, row);
    this.#isTruncated ||= rows === null || this.#sessions.size > maxRows;
    this.#schedule('sessions.changed', () => {
      const payload = { rows: this.#isTruncated ? [] : [...this.#sessions.values()], isTruncated: this.#isTruncated };
      this.#sessions.clear();
      this.#isTruncated = false;
      return payload;
    });
  }

  cancellationChanged(cancellation: Cancellation): void {
    this.#cancellations.set(cancellation.id, cancellation);
    this.#schedule('cancellations.changed', () => {
      const payload = { rows: [...this.#cancellations.values()] };
      this.#cancellations.clear();
      return payload;
    });
  }

  importChanged(state: ImportState): void {
    this.#imports.set(state.importId, state);
    this.#schedule('imports.changed', () => {
      const payload = { rows: [...this.#imports.values()] };
      this.#imports.clear();
      return payload;
    });
  }

  refreshChanged(state: RefreshState): void {
    this.#refreshes.set(state.refreshId, state);
    this.#schedule('refreshes.changed', () => {
      const payload = { rows: [...this.#refreshes.values()] };
      this.#refreshes.clear();
      return payload;
    });
  }

  exportChanged(state: ExportState): void {
    this.#exports.set(state.exportId, state);
    this.#schedule('exports.changed', () => {
      const payload = { rows: [...this.#exports.values()] };
      this.#exports.clear();
      return payload;
    });
  }

  batchChanged(batch: Batch): void {
    this.#batches.set(batch.id, batch);
    this.#schedule('batches.changed', () => {
      const payload = { rows: [...this.#batches.values()] };
      this.#batches.clear();
      return payload;
    });
  }

  feedsChanged(): void {
    this.#schedule('feeds.changed', () => ({}));
  }

  auditAppended(lastSequence: number): void {
    this.#lastSequence = Math.max(this.#lastSequence, lastSequence);
    this.#schedule('audit.appended', () => ({ lastSequence: this.#lastSequence }));
  }

  verificationProgressed(progress: { checked: number; total: number }): void {
    this.#schedule('audit.verificationProgress', () => progress);
  }

  /** Drops pending events of the previous workspace. */
  clear(): void {
    this.#pending.clear();
    this.#sessions.clear();
    this.#cancellations.clear();
    this.#imports.clear();
    this.#refreshes.clear();
    this.#exports.clear();
    this.#batches.clear();
    this.#isTruncated = false;
    this.#lastSequence = 0;
  }

  #schedule<Name extends EventName>(name: Name, payload: () => EventPayload<Name>): void {
    this.#pending.set(name, () => {
      const value = payload();
      for (const listener of this.#listeners[name]) listener(value);
    });
    if (!this.#timer) this.#flush();
  }

  #flush(): void {
    const due = [...this.#pending.values()];
    this.#pending.clear();
    if (due.length === 0) return void (this.#timer = null);
    this.#timer = setTimeout(() => this.#flush(), throttleMs);
    // A pending event must not keep the process alive.
    this.#timer.unref();
    for (const publish of due) publish();
  }
}
