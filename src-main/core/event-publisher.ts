import type { CoreEventName, EventPayload, Session } from '../contract/index.ts';
import { throttle } from './async.ts';

/** At most ten events per second of each kind. */
const throttleMs = 100;
/** If more rows change, the renderer reads its page again. */
const maxRows = 500;

type Listener<Name extends CoreEventName> = (payload: EventPayload<Name>) => void;
/** Events whose payload has the rows that changed, each in its last state. */
type RowEventName =
  'cancellations.changed' | 'imports.changed' | 'refreshes.changed' | 'exports.changed' | 'batches.changed';
/** Events whose payload replaces the earlier one. */
type StateEventName = Exclude<CoreEventName, RowEventName | 'sessions.changed' | 'audit.appended'>;

/** Publishes changes to listeners: the first change immediately, later changes combined every `throttleMs`. */
export class EventPublisher {
  readonly #listeners = new Map<CoreEventName, Set<Listener<never>>>();
  readonly #sessions = new Map<number, Session>();
  /** By event: the changed rows by id. */
  readonly #rows = new Map<RowEventName, Map<string, unknown>>();
  readonly #pending = new Map<CoreEventName, () => void>();
  readonly #publishPending = throttle(() => {
    const due = [...this.#pending.values()];
    this.#pending.clear();
    for (const publish of due) publish();
  }, throttleMs);
  #isTruncated = false;
  #lastSequence = 0;

  on<Name extends CoreEventName>(name: Name, listener: Listener<Name>): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  publish<Name extends StateEventName>(name: Name, payload: EventPayload<Name>): void {
    this.#schedule(name, () => payload);
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

  /** `id` identifies the row among those of the event. */
  rowChanged<Name extends RowEventName>(name: Name, id: string, row: EventPayload<Name>['rows'][number]): void {
    const rows = this.#rows.get(name) ?? new Map<string, unknown>();
    this.#rows.set(name, rows.set(id, row));
    this.#schedule(name, () => {
      this.#rows.delete(name);
      return { rows: [...rows.values()] } as EventPayload<Name>;
    });
  }

  auditAppended(lastSequence: number): void {
    this.#lastSequence = Math.max(this.#lastSequence, lastSequence);
    this.#schedule('audit.appended', () => ({ lastSequence: this.#lastSequence }));
  }

  /** Drops pending events of the previous workspace. */
  clear(): void {
    this.#pending.clear();
    this.#sessions.clear();
    this.#rows.clear();
    this.#isTruncated = false;
    this.#lastSequence = 0;
  }

  #schedule<Name extends CoreEventName>(name: Name, payload: () => EventPayload<Name>): void {
    this.#pending.set(name, () => {
      const value = payload();
      for (const listener of this.#listeners.get(name) ?? []) (listener as Listener<Name>)(value);
    });
    this.#publishPending();
  }
}
