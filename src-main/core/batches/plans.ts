import {
  DeskError,
  isDeskError,
  retryable,
  type Batch,
  type BatchOrigin,
  type CheckedInput,
  type PlanSummary,
  type RefreshState,
} from '../../contract/index.ts';
import type { AuditEntry, BatchRow, PlanSource, SummarySoFar } from '../store/index.ts';
import type { Books } from './batch-repository.ts';
import { confirmPlan, countsText, cutOff, expired, expiresAt } from './confirm-plan.ts';
import { digestOf, freeze, judgeAnew } from './plan-snapshot.ts';
import type { BatchesParts } from './batches-dependencies.ts';
import { Background, Turns } from './keyed-mutex.ts';

/** Plans that can be open at the same time. */
const mostPlans = 20;
/** Sessions of a spent plan taken out in one write. */
const clearedAtOnce = 1_000;

/** Plans: frozen, judged, refreshed, thrown away, and confirmed only where all that must hold does. */
export class Plans {
  readonly #parts: BatchesParts;
  readonly #books: Books;
  readonly #closing = new AbortController();
  /** By plan: what is breaking off its making. */
  readonly #making = new Map<string, AbortController>();
  /** By plan: the refresh that reads its sessions. It counts until they are judged. */
  readonly #refreshing = new Map<string, string>();
  readonly #expiries = new Map<string, NodeJS.Timeout>();
  /** By plan: confirmations, and what would change under them. */
  readonly #turns = new Turns();
  readonly #background = new Background();

  constructor(parts: BatchesParts, books: Books) {
    this.#parts = parts;
    this.#books = books;
  }

  /** Answers as it begins. Throws plan_empty, or batch_refused where enough plans are open. */
  plan(chosen: CheckedInput<'batches.plan'>): Promise<Batch> {
    return this.#turns.take('new', async () => {
      // The newest that matches now: what is tracked later is none of it.
      const [newest] = await this.#parts.store.run('chosenRows', { chosen, below: Number.MAX_SAFE_INTEGER, limit: 1 });
      if (!newest)
        throw new DeskError(
          'plan_empty',
          'No session is chosen that is tracked in this workspace. Nothing was planned.',
        );
      if (!('filter' in chosen))
        return await this.#begin({ kind: 'selection' }, { kind: 'keys', sessionKeys: chosen.sessionKeys });
      const { filter, except } = chosen;
      const origin = { kind: 'filter' as const, filter: JSON.stringify(filter), except: new Set(except).size };
      return await this.#begin(origin, { kind: 'filter', filter, except, upTo: newest.key });
    });
  }

  /** Of a batch that has ended or was interrupted; sessions that are not tracked any more are left out. */
  planRetry({ batchId, only }: CheckedInput<'batches.planRetry'>): Promise<Batch> {
    return this.#turns.take('new', async () => {
      const { number, state } = await this.#books.row(batchId);
      if (!retriedStates.some((retried) => retried === state)) {
        throw refused(number, state, 'its sessions can be planned again once it has ended');
      }
      const outcomes = retryable[only];
      if (
        !(await this.#parts.store.run('batchCounts', [number])).some(({ outcome }) =>
          outcomes.some((each) => each === outcome),
        )
      ) {
        const none = only === 'failed' ? 'No session failed' : 'No outcome is unknown';
        throw new DeskError('plan_empty', `${none} in batch ${number}. Nothing was planned.`);
      }
      return await this.#begin({ kind: 'retry', of: batchId, only }, { kind: 'items', batchNumber: number, outcomes });
    });
  }

  /** As far as it is made; connections under the names they have now. */
  async summary(batchId: string): Promise<PlanSummary> {
    const { summary } = await this.#books.row(batchId);
    if (summary === null) return { connections: [], products: [], statuses: [], ages: [], amounts: [] };
    const { connections, ...rest } = JSON.parse(summary) as SummarySoFar;
    const known = new Map(this.#parts.connections.list().map((connection) => [connection.id, connection]));
    return {
      ...rest,
      connections: connections.flatMap((tally) => {
        const connection = known.get(tally.connectionId);
        if (!connection) return [];
        const {
          name,
          environment,
          options: { provider },
        } = connection;
        return [{ ...tally, name, environment, provider }];
      }),
    };
  }

  /** Reads its stale sessions at their providers, in the background, then judges all of them anew. */
  refresh(batchId: string): Promise<RefreshState> {
    return this.#turns.take(batchId, async () => {
      const row = await this.#books.row(batchId);
      if (row.state !== 'planned') throw refused(row.number, row.state, 'only a plan can be refreshed');
      if (this.#refreshing.has(batchId)) {
        throw new DeskError('refresh_refused', 'This plan is being refreshed already. Wait for that, or stop it.', {
          retryable: true,
        });
      }
      if (row.digest === null) throw cutOff();
      if (Date.now() >= expiresAt(row)) {
        await this.#expire(batchId);
        throw expired();
      }
      const state = await this.#parts.refreshes.start({ plan: row.number });
      this.#refreshing.set(batchId, state.refreshId);
      this.#background.run(async () => {
        await this.#parts.refreshes.wait(state.refreshId);
        // What could not be judged keeps no digest, and the time it had.
        await this.#turns
          .take(batchId, () => this.#judge(batchId))
          .catch(() => this.#expireInTime(row))
          .finally(() => this.#refreshing.delete(batchId));
        this.#books.touch(batchId);
      });
      return state;
    });
  }

  async discard(batchId: string): Promise<void> {
    this.#spent(
      await this.#books.step(batchId, 'discard', ended(), { action: 'batch_discarded', outcome: 'discarded' }),
    );
  }

  /** Answers with the armed batch. Throws what `confirmPlan` throws, with every refusal on record. */
  confirm(input: CheckedInput<'batches.confirm'>): Promise<BatchRow> {
    const {
      batchId,
      reason: { category, note },
    } = input;
    return this.#turns.take(batchId, async () => {
      try {
        const isRefreshing = this.#refreshing.has(batchId);
        const row = await confirmPlan(this.#parts, this.#books, input, { isRefreshing, signal: this.#closing.signal });
        this.#forgetExpiry(batchId);
        return row;
      } catch (error) {
        const detail = isDeskError(error) ? error.code : 'internal';
        const reason = { reasonCategory: category, reasonNote: note };
        await this.#parts.store.run('appendAudit', { action: 'batch_declined', batchId, ...reason, detail });
        if (detail === 'plan_expired') await this.#expire(batchId).catch(() => undefined);
        throw error;
      }
    });
  }

  /** At a start: what a run before left half-made is thrown away, and what has expired meanwhile expires. */
  async recover(): Promise<void> {
    const { store } = this.#parts;
    const audit: AuditEntry = { action: 'batch_discarded', outcome: 'interrupted' };
    for (const row of await store.run('openBatches', null)) {
      if (row.state === 'planning') await this.#books.step(row.id, 'interrupt', ended(), audit);
      else if (row.state === 'planned' && row.digest === null)
        await this.#books.step(row.id, 'discard', ended(), audit);
      else if (row.state === 'planned' && Date.now() >= expiresAt(row)) await this.#expire(row.id);
      else if (row.state === 'planned') this.#expireInTime(row);
    }
    for (const number of await store.run('spentPlans', null)) this.#clear(number);
  }

  /** A plan that is being made, or judged anew, is found at the next start and thrown away. */
  async close(): Promise<void> {
    this.#closing.abort(new DeskError('workspace_unavailable', 'The console is closing.'));
    for (const timer of this.#expiries.values()) clearTimeout(timer);
    for (const refreshId of this.#refreshing.values())
      await this.#parts.refreshes.stop(refreshId).catch(() => undefined);
    await this.#background.ended();
    await this.#turns.ended();
  }

  async #begin(origin: BatchOrigin, source: PlanSource): Promise<Batch> {
    const { store, operator, host } = this.#parts;
    const open = await store.run('openBatches', null);
    if (open.filter(({ state }) => state === 'planning' || state === 'planned').length >= mostPlans) {
      const message = `${mostPlans} plans are open already. Confirm one, or throw one away, then plan again.`;
      throw new DeskError('batch_refused', message, { retryable: true });
    }
    const row = await store.run('insertBatch', {
      id: crypto.randomUUID(),
      state: 'planning',
      origin: JSON.stringify(origin),
      operator,
      host,
      createdAt: new Date().toISOString(),
      plannedAt: null,
      confirmedAt: null,
      startedAt: null,
      endedAt: null,
      reasonCategory: null,
      reasonNote: null,
      digest: null,
      summary: null,
      sessions: 0,
      asked: 0,
    });
    const making = new AbortController();
    this.#making.set(row.id, making);
    const signal = AbortSignal.any([making.signal, this.#closing.signal]);
    this.#background.run(() => this.#make(row, origin, source, signal).finally(() => this.#making.delete(row.id)));
    return await this.#books.view(row.id);
  }

  /** Never rejects: a plan that cannot be made is thrown away, with the reason on record. */
  async #make(row: BatchRow, origin: BatchOrigin, source: PlanSource, signal: AbortSignal): Promise<void> {
    const { store } = this.#parts;
    try {
      const frozen = await freeze(this.#parts, row, source, () => this.#books.touch(row.id), signal);
      if (!frozen) return;
      const { digest, sessions, asked, summary } = frozen;
      const audit: AuditEntry = {
        action: 'batch_planned',
        outcome: origin.kind,
        detail: `${countsText(frozen)}; ${row.origin}`,
      };
      const changes = {
        plannedAt: new Date().toISOString(),
        digest,
        sessions,
        asked,
        summary: JSON.stringify(summary),
      };
      this.#expireInTime(await this.#books.step(row.id, 'planned', changes, audit));
    } catch (error) {
      // Thrown away by the operator it is so already; cut off by the end of the console it is found at the next start.
      if (signal.aborted) return;
      const detail = isDeskError(error) ? error.code : 'internal';
      const discarding = this.#books.step(row.id, 'discard', ended(), {
        action: 'batch_discarded',
        outcome: 'failed',
        detail,
      });
      await discarding.then(
        () => this.#clear(row.number),
        () => undefined,
      );
    } finally {
      await store.run('forgetChosen', row.number).catch(() => undefined);
    }
  }

  /**
   * Without a digest a plan cannot be confirmed: it has none from the first change of a session until the last. What was altered
   * in the file is not judged, for it would have a digest again then.
   */
  async #judge(batchId: string): Promise<void> {
    const { store } = this.#parts;
    if (this.#closing.signal.aborted) return;
    const row = await this.#books.row(batchId);
    const from: ['planned'] = ['planned'];
    const { digest: found } = await digestOf(store, row, this.#closing.signal);
    if (row.state !== 'planned' || row.digest !== found) return this.#expireInTime(row);
    if (!(await store.run('changeBatch', { id: batchId, from, changes: { digest: null }, audit: null }))) return;
    const judged = await judgeAnew(this.#parts, row, this.#closing.signal);
    if (!judged) return;
    const { digest, asked, summary } = judged;
    const changes = { plannedAt: new Date().toISOString(), digest, asked, summary: JSON.stringify(summary) };
    const audit: AuditEntry = { action: 'batch_refreshed', detail: countsText(judged) };
    const after = await store.run('changeBatch', { id: batchId, from, changes, audit });
    if (after) this.#expireInTime(after);
  }

  #expireInTime(row: BatchRow): void {
    this.#forgetExpiry(row.id);
    if (row.state !== 'planned') return;
    const timer = setTimeout(
      () =>
        this.#background.run(() =>
          this.#turns.take(row.id, async () => {
            // While it is read again it stays, and has its time anew when it is judged.
            if (!this.#refreshing.has(row.id)) await this.#expire(row.id);
          }),
        ),
      Math.max(0, expiresAt(row) - Date.now()),
    );
    this.#expiries.set(row.id, timer.unref());
  }

  #forgetExpiry(batchId: string): void {
    clearTimeout(this.#expiries.get(batchId));
    this.#expiries.delete(batchId);
  }

  async #expire(batchId: string): Promise<void> {
    this.#spent(await this.#books.step(batchId, 'expire', ended(), { action: 'batch_discarded', outcome: 'expired' }));
  }

  #spent({ id, number }: BatchRow): void {
    this.#forgetExpiry(id);
    this.#making.get(id)?.abort(new Error('The plan was thrown away.'));
    const refreshId = this.#refreshing.get(id);
    if (refreshId !== undefined) this.#background.run(async () => void (await this.#parts.refreshes.stop(refreshId)));
    this.#clear(number);
  }

  #clear(planNumber: number): void {
    this.#background.run(async () => {
      while (
        !this.#closing.signal.aborted &&
        (await this.#parts.store.run('clearSpentPlan', { planNumber, limit: clearedAtOnce })) > 0
      );
    });
  }
}

const ended = () => ({ endedAt: new Date().toISOString() });

function refused(number: number, state: BatchRow['state'], when: string): DeskError {
  return new DeskError('batch_refused', `Batch ${number} is ${state.replaceAll('_', ' ')} now: ${when}.`, {
    details: { state },
  });
}

const retriedStates = ['interrupted', 'called_off', 'stopped', 'finished'] as const;
