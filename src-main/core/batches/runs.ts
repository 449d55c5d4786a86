import { DeskError, type BatchTrouble } from '../../contract/index.ts';
import { auditFacts } from '../connections/index.ts';
import type { AuditEntry, BatchRow } from '../store/index.ts';
import type { Books, LiveFacts } from './batch-repository.ts';
import { troubleFrom } from './circuit-breaker.ts';
import { digestOf } from './plan-snapshot.ts';
import { Lane } from './connection-runner.ts';
import type { BatchesParts } from './batches-dependencies.ts';

/** Items given up at a stretch when a batch is stopped. */
const givenUpAtOnce = 5_000;

/** What the running console has of a batch beyond its row. */
interface Run {
  readonly number: number;
  /** Set while it is armed. */
  start: { readonly at: string; readonly timer: NodeJS.Timeout } | null;
  lanes: readonly Lane[];
  gate: AbortController;
  /** What it does, one after the other: resolves when nothing of it is under way, nor about to be. */
  done: Promise<void>;
  trouble: BatchTrouble | null;
}

/** Batches under way: armed, run, paused, stopped, and gone on with after a restart when the operator says so. */
export class Runs {
  readonly #parts: BatchesParts;
  readonly #books: Books;
  readonly #runs = new Map<string, Run>();
  readonly #closing = new AbortController();

  constructor(parts: BatchesParts, books: Books) {
    this.#parts = parts;
    this.#books = books;
  }

  live(batchId: string): LiveFacts | null {
    const run = this.#runs.get(batchId);
    if (!run) return null;
    const lanes = run.lanes.map((lane) => lane.view());
    const moving = lanes.filter(({ left, state }) => left > 0 && state !== 'paused');
    const seconds = moving.map(
      ({ left, perSecond, allowedPerSecond, heldSeconds }) => left / (perSecond || allowedPerSecond) + heldSeconds,
    );
    const runs = !run.gate.signal.aborted && run.start === null;
    return {
      startsAt: run.start?.at ?? null,
      lanes,
      trouble: run.trouble,
      perSecond: runs ? lanes.reduce((sum, { perSecond }) => sum + perSecond, 0) : 0,
      secondsLeft: runs && seconds.length > 0 ? Math.ceil(Math.max(...seconds)) : null,
    };
  }

  /** Begins the seconds in which it can be called off. */
  arm(row: BatchRow): void {
    const run = this.#run(row);
    const { armedMs } = this.#parts;
    const at = new Date(Date.now() + armedMs).toISOString();
    const timer = setTimeout(() => {
      run.start = null;
      this.#follow(row.id, run, () => this.#begin(row.id));
    }, armedMs);
    run.start = { at, timer };
    this.#books.touch(row.id);
  }

  async callOff(batchId: string): Promise<void> {
    await this.#books.step(batchId, 'call_off', { endedAt: new Date().toISOString() }, { action: 'batch_called_off' });
    clearTimeout(this.#runs.get(batchId)?.start?.timer);
    await this.#giveUp(batchId);
    this.#runs.delete(batchId);
    this.#books.touch(batchId);
  }

  /** What is under way is finished and recorded. */
  async pause(batchId: string): Promise<void> {
    await this.#books.step(batchId, 'pause', {}, { action: 'batch_paused' });
    this.#runs.get(batchId)?.gate.abort();
  }

  /** Goes on, also with what a cut or a full disk left behind: what is not known is read back before anything is sent. */
  async resume(batchId: string): Promise<void> {
    const row = await this.#books.row(batchId);
    if (row.state === 'interrupted') await this.#refuseAltered(row);
    const run = this.#run(row);
    // A disk too full for the start or for the pause itself left the row as it was.
    const isHalted = run.trouble !== null && (row.state === 'running' || row.state === 'armed');
    if (!isHalted) await this.#books.step(batchId, 'resume', {}, { action: 'batch_resumed' });
    run.trouble = null;
    this.#follow(batchId, run, () => (row.state === 'armed' ? this.#begin(batchId) : this.#goOn(batchId)));
  }

  async stop(batchId: string): Promise<void> {
    const row = await this.#books.row(batchId);
    if (row.state === 'armed') return await this.callOff(batchId);
    const run = this.#run(row);
    await this.#books.step(batchId, 'stop', {}, null);
    run.gate.abort();
    this.#follow(batchId, run, () => this.#end(batchId));
  }

  async resumeConnection(connectionId: string): Promise<void> {
    const connection = this.#parts.connections.get(connectionId);
    await this.#parts.store.run('appendAudit', { action: 'batch_connection_resumed', ...auditFacts(connection) });
    this.#parts.brakes.release(connectionId);
    for (const id of this.#runs.keys()) this.#books.touch(id);
  }

  /** At a start: what was under way is interrupted. It goes on when the operator says so. */
  async recover(): Promise<void> {
    for (const { id, state } of await this.#parts.store.run('openBatches', null)) {
      if (state === 'planning' || state === 'planned' || state === 'interrupted') continue;
      await this.#books.step(id, 'interrupt', {}, { action: 'batch_interrupted', detail: state });
    }
  }

  /** Sends nothing new. What is under way is recorded by whoever closes the cancellations. */
  close(): Promise<void> {
    this.#closing.abort();
    for (const run of this.#runs.values()) {
      clearTimeout(run.start?.timer);
      run.gate.abort();
    }
    return Promise.resolve();
  }

  /** While nobody ran, the file lay open to whoever may write it: it must still hold the plan that was confirmed. */
  async #refuseAltered(row: BatchRow): Promise<void> {
    const found = await digestOf(this.#parts.store, row, this.#closing.signal);
    if (found.digest === row.digest && found.asked === row.asked && found.sessions === row.sessions) return;
    await this.#parts.store.run('appendAudit', { action: 'batch_declined', batchId: row.id, detail: 'plan_changed' });
    throw new DeskError(
      'plan_changed',
      `The sessions of batch ${row.number} in the file are not those that were confirmed: they have been altered. ` +
        'Nothing more is sent for it. Stop it, and verify the audit log.',
      { details: { tampered: true } },
    );
  }

  async #begin(batchId: string): Promise<void> {
    await this.#books.step(batchId, 'start', { startedAt: new Date().toISOString() }, { action: 'batch_started' });
    await this.#goOn(batchId);
  }

  /** One lane for each connection with sessions that wait, till nothing waits or the gate is closed. */
  async #goOn(batchId: string): Promise<void> {
    const { store, cancellations } = this.#parts;
    const row = await this.#books.row(batchId);
    // Paused or stopped before its turn came.
    if (row.state !== 'running') return;
    const run = this.#run(row);
    const unsettled = await store.run('unsettledOfBatch', row.number);
    // Those that nobody could read at the start are tried again; what stays unknown is left for a plan of its own.
    if (unsettled.length > 0) await cancellations.readBack(unsettled);
    await store.run('reopenItems', row.number);
    const gate = new AbortController();
    const reason = { category: row.reasonCategory ?? '', note: row.reasonNote ?? '' };
    run.gate = gate;
    run.lanes = [...(await this.#waiting(row.number))].map(
      ([connectionId, left]) =>
        new Lane(connectionId, left, {
          ...this.#parts,
          batch: row,
          reason,
          gate: gate.signal,
          changed: () => this.#books.touch(batchId),
          halt: (trouble) => this.#stopFor(batchId, trouble),
        }),
    );
    // Paused or stopped while this was being made ready.
    if ((await this.#books.row(batchId)).state !== 'running') gate.abort();
    await Promise.all(run.lanes.map((lane) => lane.run()));
    if (!gate.signal.aborted || (await this.#isPausedAtTheEnd(row))) await this.#end(batchId);
  }

  async #isPausedAtTheEnd({ id, number }: BatchRow): Promise<boolean> {
    if (this.#closing.signal.aborted || (await this.#books.row(id)).state !== 'paused') return false;
    // What the pause itself turned back waits as well.
    await this.#parts.store.run('reopenItems', number);
    return (await this.#waiting(number)).size === 0;
  }

  /** Every session has an outcome from here on. */
  async #end(batchId: string): Promise<void> {
    if (this.#closing.signal.aborted) return;
    const { store, cancellations } = this.#parts;
    const { number } = await this.#books.row(batchId);
    // Cut off by a kill, or by a full disk, and stopped without having gone on.
    const cutOff = (await store.run('unsettledOfBatch', number)).filter(({ state }) => state !== 'unknown');
    if (cutOff.length > 0) await cancellations.readBack(cutOff);
    await this.#giveUp(batchId);
    const { outcomes } = await this.#books.view(batchId);
    const detail = Object.entries(outcomes)
      .map(([outcome, items]) => `${outcome} ${items}`)
      .join(', ');
    const row = await this.#books.row(batchId);
    const audit: AuditEntry = { action: row.state === 'stopping' ? 'batch_stopped' : 'batch_finished', detail };
    await this.#books.step(batchId, 'drained', { endedAt: new Date().toISOString() }, audit);
    this.#runs.delete(batchId);
  }

  async #giveUp(batchId: string): Promise<void> {
    const { number } = await this.#books.row(batchId);
    while ((await this.#parts.store.run('giveUpItems', { batchNumber: number, limit: givenUpAtOnce })) > 0)
      this.#books.touch(batchId);
  }

  async #waiting(number: number): Promise<Map<string, number>> {
    const waiting = new Map<string, number>();
    for (const { connectionId, outcome, items } of await this.#parts.store.run('batchCounts', [number])) {
      if (outcome === 'waiting') waiting.set(connectionId, (waiting.get(connectionId) ?? 0) + items);
    }
    return waiting;
  }

  /** In the background, after what it was doing; what goes wrong there stops the batch and is shown. */
  #follow(batchId: string, run: Run, work: () => Promise<void>): void {
    run.done = run.done.then(work).catch((error: unknown) => this.#halt(batchId, error));
  }

  #halt(batchId: string, error: unknown): void {
    this.#stopFor(batchId, troubleFrom(error, { name: 'This batch' }));
  }

  #stopFor(batchId: string, trouble: BatchTrouble): void {
    const run = this.#runs.get(batchId);
    if (this.#closing.signal.aborted || !run || run.trouble) return;
    run.trouble = trouble;
    run.gate.abort();
    this.#books.touch(batchId);
    // Where even this cannot be written, the trouble is shown all the same, and a restart finds it interrupted.
    void this.#books
      .step(batchId, 'pause', {}, { action: 'batch_paused', outcome: trouble.remedy, detail: trouble.message })
      .catch(() => undefined);
  }

  #run({ id, number }: BatchRow): Run {
    let run = this.#runs.get(id);
    if (!run) {
      const gate = new AbortController();
      gate.abort();
      run = { number, start: null, lanes: [], gate, done: Promise.resolve(), trouble: null };
      this.#runs.set(id, run);
    }
    return run;
  }
}
