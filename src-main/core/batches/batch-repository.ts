import {
  batchOrigin,
  DeskError,
  mostWithoutCount,
  planLifeMinutes,
  type Batch,
  type BatchLane,
  type BatchTrouble,
  type ItemOutcome,
  type Verdict,
} from '../../contract/index.ts';
import type { Connections } from '../connections/index.ts';
import type { Pace } from '../rate-limit/index.ts';
import type { AuditEntry, BatchChanges, BatchCountRow, BatchRow, Store } from '../store/index.ts';
import { next, statesFor, type BatchEvent } from './state-machine.ts';

/** What only the running console knows of a batch. */
export interface LiveFacts {
  readonly startsAt: string | null;
  readonly perSecond: number;
  readonly secondsLeft: number | null;
  readonly lanes: readonly BatchLane[];
  readonly trouble: BatchTrouble | null;
}

export interface BooksParts {
  readonly store: Store;
  readonly connections: Connections;
  readonly pace: Pick<Pace, 'limits' | 'allowedPerSecond'>;
  countAbove(): number;
  live(batchId: string): LiveFacts | null;
  changed(batch: Batch): void;
}

/** How long a changed batch may wait until it is told. */
const tellAfterMs = 100;

/** The batches as the store has them: every step in their life goes through here, and so does what the screen sees of them. */
export class Books {
  readonly #parts: BooksParts;
  readonly #touched = new Set<string>();
  #timer: NodeJS.Timeout | null = null;
  #telling: Promise<void> = Promise.resolve();

  constructor(parts: BooksParts) {
    this.#parts = parts;
  }

  /** Throws batch_not_found. */
  async row(batchId: string): Promise<BatchRow> {
    const row = await this.#parts.store.run('batch', batchId);
    if (row) return row;
    throw new DeskError('batch_not_found', 'This batch is not in the record of this workspace.', {
      details: { batchId },
    });
  }

  async view(batchId: string): Promise<Batch> {
    const row = await this.row(batchId);
    return this.#viewOf(row, await this.#parts.store.run('batchCounts', [row.number]));
  }

  async page(input: { before: number | null; limit: number }): Promise<{ rows: Batch[]; next: number | null }> {
    const rows = await this.#parts.store.run('batchPage', input);
    const counts = await this.#parts.store.run(
      'batchCounts',
      rows.map(({ number }) => number),
    );
    const countsOf = (number: number) => counts.filter(({ batchNumber }) => batchNumber === number);
    const last = rows.at(-1);
    return {
      rows: rows.map((row) => this.#viewOf(row, countsOf(row.number))),
      next: last && rows.length === input.limit ? last.number : null,
    };
  }

  /** A step in its life, with its record, in one transaction. Throws batch_refused where the step cannot be taken now. */
  async step(
    batchId: string,
    event: BatchEvent,
    changes: Omit<BatchChanges, 'state'>,
    audit: AuditEntry | null,
  ): Promise<BatchRow> {
    const before = await this.row(batchId);
    const state = next(before.state, event);
    // Only from the very state that was looked at: of two steps at the same time the second one is refused.
    const row =
      state &&
      (await this.#parts.store.run('changeBatch', {
        id: batchId,
        from: [before.state],
        changes: { ...changes, state },
        audit,
      }));
    if (!row) throw refusal(before, event);
    this.touch(batchId);
    return row;
  }

  /** Its view is pushed within a tenth of a second, once for whatever happened till then. */
  touch(batchId: string): void {
    this.#touched.add(batchId);
    this.#timer ??= setTimeout(() => void (this.#telling = this.#tell()), tellAfterMs).unref();
  }

  async close(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    await this.#telling;
  }

  async #tell(): Promise<void> {
    this.#timer = null;
    const ids = [...this.#touched];
    this.#touched.clear();
    // A store that was closed meanwhile has nothing more to tell.
    for (const id of ids)
      await this.view(id).then(
        (batch) => this.#parts.changed(batch),
        () => undefined,
      );
  }

  #viewOf(row: BatchRow, counts: readonly BatchCountRow[]): Batch {
    const live = this.#parts.live(row.id);
    const isPlan = row.state === 'planning' || row.state === 'planned';
    return {
      id: row.id,
      number: row.number,
      state: row.state,
      origin: batchOrigin.parse(JSON.parse(row.origin)),
      operator: row.operator,
      createdAt: row.createdAt,
      expiresAt:
        isPlan && row.plannedAt ? new Date(Date.parse(row.plannedAt) + planLifeMinutes * 60_000).toISOString() : null,
      confirmedAt: row.confirmedAt,
      startsAt: live?.startsAt ?? null,
      startedAt: row.startedAt,
      endedAt: row.endedAt,
      reason: row.reasonCategory === null ? null : { category: row.reasonCategory, note: row.reasonNote ?? '' },
      digest: row.digest,
      sessions: row.sessions,
      asked: row.asked,
      needsCount: this.needsCount(row, counts),
      verdicts: summed(counts, ({ verdict }) => verdict) satisfies Partial<Record<Verdict, number>>,
      outcomes: summed(counts, ({ outcome }) => outcome) satisfies Partial<Record<ItemOutcome, number>>,
      perSecond: live?.perSecond ?? 0,
      secondsLeft: live?.secondsLeft ?? null,
      lanes: row.state === 'interrupted' ? this.#atRest(counts) : [...(live?.lanes ?? [])],
      trouble: live?.trouble ?? null,
    };
  }

  /** Where an interrupted batch would go on, and how fast: nothing runs there yet. */
  #atRest(counts: readonly BatchCountRow[]): BatchLane[] {
    const { connections, pace } = this.#parts;
    const left = summed(
      counts.filter(({ outcome }) => outcome === 'waiting'),
      ({ connectionId }) => connectionId,
    );
    return connections
      .list()
      .filter(({ id }) => left[id])
      .map(({ id, name, environment }) => ({
        connectionId: id,
        name,
        environment,
        state: 'waiting',
        left: left[id] ?? 0,
        inFlight: 0,
        perSecond: 0,
        pace: pace.limits(id),
        allowedPerSecond: pace.allowedPerSecond(id),
        heldSeconds: 0,
        trouble: null,
      }));
  }

  /** Above a handful, and for anything in production that would be asked for. */
  needsCount({ asked }: Pick<BatchRow, 'asked'>, counts: readonly BatchCountRow[]): boolean {
    if (asked > Math.min(this.#parts.countAbove(), mostWithoutCount)) return true;
    const known = new Map(this.#parts.connections.list().map(({ id, environment }) => [id, environment]));
    return counts.some(
      ({ connectionId, outcome }) => outcome !== 'left_out' && known.get(connectionId) === 'production',
    );
  }
}

function summed<Key extends string>(
  counts: readonly BatchCountRow[],
  keyOf: (row: BatchCountRow) => Key,
): Partial<Record<Key, number>> {
  const sums: Partial<Record<Key, number>> = {};
  for (const row of counts) sums[keyOf(row)] = (sums[keyOf(row)] ?? 0) + row.items;
  return sums;
}

/** In words, what the batch is doing instead. */
function refusal(row: BatchRow, event: BatchEvent): DeskError {
  const states = statesFor(event).join(', ').replaceAll('_', ' ');
  return new DeskError(
    'batch_refused',
    `Batch ${row.number} is ${row.state.replaceAll('_', ' ')} now; this can be done while it is ${states}. Nothing was changed.`,
    { details: { state: row.state } },
  );
}
