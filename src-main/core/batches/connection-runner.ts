import type { BatchLane, BatchTrouble, Reason } from '../../contract/index.ts';
import { auditFacts } from '../connections/index.ts';
import type { Account } from '../providers/index.ts';
import type { Road } from '../cancellation/index.ts';
import type { BatchItemRow, BatchRow, CancellationRow } from '../store/index.ts';
import { troubleFrom } from './circuit-breaker.ts';
import type { BatchesParts } from './batches-dependencies.ts';

/** Items named at once by the store: what changes meanwhile is looked at again as each is begun. */
const pageSize = 200;
/** How long a fetched secret is kept: the next request after that fetches it anew, and a lane that rests holds none. */
const secretKeptMs = 2_000;
/** Over how long the rate is measured. */
const measuredMs = 5_000;

export interface LaneParts extends Pick<
  BatchesParts,
  'store' | 'connections' | 'cancellations' | 'pace' | 'brakes' | 'providers'
> {
  readonly batch: BatchRow;
  readonly reason: Reason;
  /** Closed when the batch is paused or stopped: nothing new is sent then, what is under way goes on to its outcome. */
  readonly gate: AbortSignal;
  changed(): void;
  /** Nothing of the batch can go on, e.g. because the disk is full. */
  halt(trouble: BatchTrouble): void;
}

/** The sessions of one batch on one connection: as many under way as the pace allows, each carried to its outcome. */
export class Lane {
  readonly #parts: LaneParts;
  readonly #connectionId: string;
  readonly #queue: BatchItemRow[] = [];
  readonly #settledAt: number[] = [];
  readonly #begunAt = performance.now();
  #left: number;
  #after = 0;
  #fetching: Promise<void> | null = null;
  #hasMore = true;
  /** Items taken from the queue, and those of them whose request is under way. */
  #taken = 0;
  #inFlight = 0;
  #account: Promise<Account> | null = null;
  #ended: () => void = () => undefined;

  constructor(connectionId: string, left: number, parts: LaneParts) {
    this.#connectionId = connectionId;
    this.#left = left;
    this.#parts = parts;
  }

  /** Resolves when nothing is under way any more, and nothing waits or the gate is closed. Never rejects. */
  run(): Promise<void> {
    return new Promise((resolve) => {
      this.#ended = resolve;
      this.#parts.gate.addEventListener('abort', () => this.#pump(), { once: true });
      this.#pump();
    });
  }

  view(): BatchLane {
    const { connections, pace, brakes } = this.#parts;
    const { name, environment } = connections.get(this.#connectionId);
    const trouble = brakes.trouble(this.#connectionId);
    const heldMs = pace.heldFor(this.#connectionId);
    return {
      connectionId: this.#connectionId,
      name,
      environment,
      left: this.#left,
      inFlight: this.#inFlight,
      perSecond: this.#perSecond(),
      pace: pace.limits(this.#connectionId),
      allowedPerSecond: pace.allowedPerSecond(this.#connectionId),
      heldSeconds: Math.ceil(heldMs / 1_000),
      trouble,
      state:
        this.#left === 0
          ? 'done'
          : trouble
            ? 'paused'
            : heldMs > 1_000
              ? 'held'
              : this.#taken > 0
                ? 'running'
                : 'waiting',
    };
  }

  /** Some more than can be in flight, so that the record of one outcome holds up no other request. */
  #pump(): void {
    const { gate, pace } = this.#parts;
    const most = 2 * pace.limits(this.#connectionId).inFlight;
    while (!gate.aborted && this.#taken < most && (this.#queue.length > 0 || this.#hasMore)) {
      this.#taken += 1;
      void this.#next().finally(() => {
        this.#taken -= 1;
        this.#pump();
      });
    }
    if (this.#taken === 0) this.#ended();
  }

  async #next(): Promise<void> {
    const { brakes, gate, changed } = this.#parts;
    let item: BatchItemRow | undefined;
    try {
      await brakes.released(this.#connectionId, gate);
      item = await this.#take();
      if (!item) return;
      const result = await this.#carry(item);
      if (result === 'turned_back') return void this.#queue.unshift(item);
      this.#left -= 1;
      if (result !== 'skipped') await this.#learn(result);
      changed();
    } catch (error) {
      if (!gate.aborted || item) await this.#fail(error, item);
    }
  }

  async #carry(item: BatchItemRow): Promise<CancellationRow | 'skipped' | 'turned_back'> {
    const { connections, cancellations, providers, batch, reason } = this.#parts;
    connections.refuseIfLocked(this.#connectionId);
    const account = await this.#secret();
    const provider = providers[account.options.provider];
    return await cancellations.carry({ batchId: batch.id, item, reason, account, provider, road: this.#road });
  }

  readonly #road: Road = {
    patient: true,
    mayRepeat: () => this.#parts.brakes.takeRepeat(this.#connectionId),
    turn: async (request, run, closing, prepare) => {
      const { pace, brakes, gate } = this.#parts;
      // What was sent is read back also when the batch has been stopped meanwhile.
      const signal = request === 'cancel' ? gate : closing;
      const begin = async () => {
        this.#inFlight += 1;
        return await run().finally(() => (this.#inFlight -= 1));
      };
      const mayGo = async () =>
        !gate.aborted && brakes.trouble(this.#connectionId) === null && (!prepare || (await prepare()));
      const turn =
        request === 'cancel'
          ? pace.preparedTurn(this.#connectionId, signal, mayGo, begin)
          : pace.turn(this.#connectionId, signal, begin);
      return await turn.catch((error: unknown) => {
        if (error === signal.reason) return null;
        throw error;
      });
    },
  };

  async #take(): Promise<BatchItemRow | undefined> {
    while (this.#queue.length === 0 && this.#hasMore)
      await (this.#fetching ??= this.#fetch().finally(() => (this.#fetching = null)));
    return this.#queue.shift();
  }

  async #fetch(): Promise<void> {
    const { store, batch } = this.#parts;
    const rows = await store.run('waitingItems', {
      batchNumber: batch.number,
      connectionId: this.#connectionId,
      after: this.#after,
      limit: pageSize,
    });
    this.#queue.push(...rows);
    this.#after = rows.at(-1)?.position ?? this.#after;
    this.#hasMore = rows.length === pageSize;
  }

  async #secret(): Promise<Account> {
    const account = (this.#account ??= this.#fetchSecret());
    try {
      return await account;
    } catch (error) {
      if (this.#account === account) this.#account = null;
      throw error;
    }
  }

  #fetchSecret(): Promise<Account> {
    setTimeout(() => (this.#account = null), secretKeptMs).unref();
    return this.#parts.connections.account(this.#connectionId);
  }

  async #learn(row: CancellationRow): Promise<void> {
    const now = performance.now();
    this.#settledAt.push(now);
    while ((this.#settledAt[0] ?? now) < now - measuredMs) this.#settledAt.shift();
    const connection = this.#parts.connections.get(this.#connectionId);
    const trouble = this.#parts.brakes.learn(connection, row);
    if (trouble) await this.#tellPaused(trouble);
  }

  /** What concerns the connection stops the connection; the rest stops the batch. The item stays where its record is. */
  async #fail(error: unknown, item: BatchItemRow | undefined): Promise<void> {
    const connection = this.#parts.connections.get(this.#connectionId);
    const trouble = troubleFrom(error, connection);
    const isOfConnection = ['replace_secret', 'unlock_keychain', 'unlock_connection'].includes(trouble.remedy);
    if (!isOfConnection) return this.#parts.halt(trouble);
    if (item) this.#queue.unshift(item);
    const isNew = this.#parts.brakes.trouble(this.#connectionId) === null;
    this.#parts.brakes.pull(this.#connectionId, trouble);
    if (isNew) await this.#tellPaused(trouble);
    this.#parts.changed();
  }

  async #tellPaused(trouble: BatchTrouble): Promise<void> {
    const { store, connections, batch } = this.#parts;
    const facts = auditFacts(connections.get(this.#connectionId));
    await store
      .run('appendAudit', {
        action: 'batch_connection_paused',
        ...facts,
        batchId: batch.id,
        outcome: trouble.remedy,
        detail: trouble.message,
      })
      .catch((error: unknown) => this.#parts.halt(troubleFrom(error, connections.get(this.#connectionId))));
  }

  /** Since it began, where that is not long ago. */
  #perSecond(): number {
    const now = performance.now();
    const from = Math.max(this.#begunAt, now - measuredMs);
    const settled = this.#settledAt.filter((at) => at >= from).length;
    return settled === 0 ? 0 : Number((settled / ((now - from) / 1_000)).toPrecision(3));
  }
}
