import type {
  Batch,
  Cancellation,
  DeskState,
  EventName,
  EventPayload,
  ExportState,
  ImportState,
  RefreshState,
  Removal,
  Session,
  Settings,
} from '../contract/index.ts';

/** At most ten pushes a second of each kind. */
const restMs = 100;
/** Beyond this the screen reads its page again instead. */
const mostRows = 500;

type Listener<Name extends EventName> = (payload: EventPayload<Name>) => void;

/** Gathers what changed and pushes it to whoever listens: the first change at once, what follows together. */
export class Events {
  readonly #listeners: { [Name in EventName]: Set<Listener<Name>> } = {
    'desk.changed': new Set(),
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
    'audit.verifying': new Set(),
    // The window's own: nothing in here pushes it.
    'menu.chosen': new Set(),
    'link.opened': new Set(),
  };
  readonly #sessions = new Map<number, Session>();
  readonly #cancellations = new Map<string, Cancellation>();
  readonly #imports = new Map<string, ImportState>();
  readonly #refreshes = new Map<string, RefreshState>();
  readonly #exports = new Map<string, ExportState>();
  readonly #batches = new Map<string, Batch>();
  readonly #due = new Map<EventName, () => void>();
  #timer: NodeJS.Timeout | null = null;
  #truncated = false;
  #lastSequence = 0;

  on<Name extends EventName>(name: Name, listener: Listener<Name>): () => void {
    this.#listeners[name].add(listener);
    return () => this.#listeners[name].delete(listener);
  }

  deskChanged(state: DeskState): void {
    this.#push('desk.changed', () => state);
  }

  settingsChanged(settings: Settings): void {
    this.#push('settings.changed', () => settings);
  }

  removalsChanged(rows: Removal[]): void {
    this.#push('removals.changed', () => ({ rows }));
  }

  connectionsChanged(): void {
    this.#push('connections.changed', () => ({}));
  }

  /** `null`: too many to list. */
  sessionsChanged(rows: readonly Session[] | null): void {
    for (const row of rows ?? []) this.#sessions.set(row.key, row);
    this.#truncated ||= rows === null || this.#sessions.size > mostRows;
    this.#push('sessions.changed', () => {
      const payload = { rows: this.#truncated ? [] : [...this.#sessions.values()], truncated: this.#truncated };
      this.#sessions.clear();
      this.#truncated = false;
      return payload;
    });
  }

  cancellationChanged(cancellation: Cancellation): void {
    this.#cancellations.set(cancellation.id, cancellation);
    this.#push('cancellations.changed', () => {
      const payload = { rows: [...this.#cancellations.values()] };
      this.#cancellations.clear();
      return payload;
    });
  }

  importChanged(state: ImportState): void {
    this.#imports.set(state.importId, state);
    this.#push('imports.changed', () => {
      const payload = { rows: [...this.#imports.values()] };
      this.#imports.clear();
      return payload;
    });
  }

  refreshChanged(state: RefreshState): void {
    this.#refreshes.set(state.refreshId, state);
    this.#push('refreshes.changed', () => {
      const payload = { rows: [...this.#refreshes.values()] };
      this.#refreshes.clear();
      return payload;
    });
  }

  exportChanged(state: ExportState): void {
    this.#exports.set(state.exportId, state);
    this.#push('exports.changed', () => {
      const payload = { rows: [...this.#exports.values()] };
      this.#exports.clear();
      return payload;
    });
  }

  batchChanged(batch: Batch): void {
    this.#batches.set(batch.id, batch);
    this.#push('batches.changed', () => {
      const payload = { rows: [...this.#batches.values()] };
      this.#batches.clear();
      return payload;
    });
  }

  feedsChanged(): void {
    this.#push('feeds.changed', () => ({}));
  }

  auditAppended(lastSequence: number): void {
    this.#lastSequence = Math.max(this.#lastSequence, lastSequence);
    this.#push('audit.appended', () => ({ lastSequence: this.#lastSequence }));
  }

  auditVerifying(progress: { checked: number; total: number }): void {
    this.#push('audit.verifying', () => progress);
  }

  /** A workspace was opened or closed: nothing of the one before is pushed any more. */
  forget(): void {
    this.#due.clear();
    this.#sessions.clear();
    this.#cancellations.clear();
    this.#imports.clear();
    this.#refreshes.clear();
    this.#exports.clear();
    this.#batches.clear();
    this.#truncated = false;
    this.#lastSequence = 0;
  }

  #push<Name extends EventName>(name: Name, payload: () => EventPayload<Name>): void {
    this.#due.set(name, () => {
      const value = payload();
      for (const listener of this.#listeners[name]) listener(value);
    });
    if (!this.#timer) this.#flush();
  }

  #flush(): void {
    const due = [...this.#due.values()];
    this.#due.clear();
    if (due.length === 0) return void (this.#timer = null);
    this.#timer = setTimeout(() => this.#flush(), restMs);
    // A pending push is no reason to keep the process alive.
    this.#timer.unref();
    for (const push of due) push();
  }
}
