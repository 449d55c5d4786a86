import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import {
  maxSessionsWithoutTypedCount,
  planValidityMinutes,
  type RefreshState,
} from '../../../src-main/contract/index.ts';
import { BatchRepository } from '../../../src-main/core/batches/batch-repository.ts';
import { BatchViews, type BatchViewsDependencies } from '../../../src-main/core/batches/batch-view.ts';
import { Plans, type PlansDependencies } from '../../../src-main/core/batches/plans.ts';
import { Store } from '../../../src-main/core/store/index.ts';
import { createTempFolder, reason, storeWorkerUrl } from '../../support/app.ts';
import { roundsOf, seed } from '../../support/suite.ts';
import { nonEmpty } from '../../support/non-empty.ts';

const minuteMs = 60_000;
const sessionCount = maxSessionsWithoutTypedCount + 5;

/** The expected state of a plan according to the design. */
interface ModelPlan {
  readonly id: string;
  state: 'planned' | 'armed' | 'discarded' | 'expired';
  readonly sessions: number;
  plannedAt: number;
  isRefreshing: boolean;
  isTampered: boolean;
}
interface Model {
  readonly plans: ModelPlan[];
}

/** Real plans and a real store with a fake clock. No provider is called: the test ends each refresh. */
class PlansFixture {
  readonly folder = createTempFolder();
  readonly pendingRefreshes = new Map<string, () => void>();
  store!: Store;
  repository!: BatchRepository;
  plans!: Plans;
  readonly #refreshEnds = new Map<string, Promise<void>>();

  async open(): Promise<void> {
    const auditKey = new Uint8Array(32).fill(7);
    this.store = await Store.open(storeWorkerUrl, {
      folder: this.folder,
      operator: 'olivia',
      host: 'desk-7',
      auditKey,
    });
    const connection = {
      id: 'c1',
      name: 'Flinks CA',
      environment: 'sandbox',
      isLocked: false,
      credential: { state: 'stored' },
      options: { provider: 'flinks', eTransferCancel: true },
    };
    const publisher = { markChanged: () => undefined };
    const dependencies = {
      store: this.store,
      getOperator: () => 'olivia',
      getTypedCountThreshold: () => maxSessionsWithoutTypedCount,
      publisher,
      runs: { scheduleStart: () => undefined },
      host: 'desk-7',
      confirmInHost: () => Promise.resolve(true),
      assertMaySend: () => undefined,
      connections: { list: () => [connection] },
      providers: { flinks: { capabilities: { canCancel: true } } },
      refreshes: {
        start: ({ plan }: { plan: number }) => {
          const refreshId = `refresh of ${plan}`;
          this.#refreshEnds.set(refreshId, new Promise((resolve) => this.pendingRefreshes.set(refreshId, resolve)));
          return Promise.resolve({ refreshId } as RefreshState);
        },
        wait: (refreshId: string) => this.#refreshEnds.get(refreshId),
        stop: (refreshId: string) => Promise.resolve(this.pendingRefreshes.get(refreshId)?.()),
      },
    } as unknown as PlansDependencies & BatchViewsDependencies;
    this.repository = new BatchRepository(this.store, publisher);
    const views = new BatchViews(dependencies, new Map());
    this.plans = new Plans({ ...dependencies, repository: this.repository, views });
    await this.plans.recover();
  }

  async seed(): Promise<void> {
    const now = new Date().toISOString();
    await this.store.run('putConnection', {
      row: {
        id: 'c1',
        provider: 'flinks',
        name: 'Flinks CA',
        environment: 'sandbox',
        baseUrl: 'https://example.test',
        options: '{}',
        secretPlace: 'keychain',
        secretLastFour: '',
        secretStoredAt: now,
        eventSecretPlace: null,
        locked: 0,
        createdAt: now,
      },
      audit: null,
    });
    await this.store.run('trackSessions', {
      sessions: Array.from(
        { length: sessionCount },
        (_, index) =>
          ({
            connectionId: 'c1',
            product: 'geft',
            id: `id-${index}`,
            reference: null,
            amount: '1.00',
            currency: 'CAD',
            status: 'active',
            rawStatus: null,
            rawDetail: null,
            source: 'added',
            subAccount: null,
            createdAt: now,
            expiresAt: null,
            firstSeenAt: now,
            lastCheckedAt: now,
          }) as const,
      ),
      audit: null,
    });
  }

  async close(): Promise<void> {
    await this.plans.close();
    await this.store.close();
  }

  executeSql(statement: string): void {
    const database = new DatabaseSync(join(this.folder, 'desk.sqlite'), { timeout: 5_000 });
    database.exec(statement);
    database.close();
  }

  async waitForState(id: string, state: string): Promise<void> {
    while ((await this.repository.getRow(id)).state !== state);
  }

  async countAuditRecords(id: string, action: string): Promise<number> {
    const { rows } = await this.store.run('auditPage', { before: null, limit: 500, filter: undefined });
    return rows.filter((row) => row.batchId === id && row.action === action).length;
  }
}

/**
 * After every command, checks that the stored states match the model and that each confirmed plan was confirmed once.
 */
class ModelCommand implements fc.AsyncCommand<Model, PlansFixture> {
  readonly #name: string;
  readonly #execute: (model: Model, real: PlansFixture) => Promise<void>;

  constructor(name: string, execute: (model: Model, real: PlansFixture) => Promise<void>) {
    this.#name = name;
    this.#execute = execute;
  }

  check(): boolean {
    return true;
  }

  async run(model: Model, real: PlansFixture): Promise<void> {
    await this.#execute(model, real);
    for (const plan of nonEmpty(model.plans)) {
      expect({ id: plan.id, state: (await real.repository.getRow(plan.id)).state }).toEqual({
        id: plan.id,
        state: plan.state,
      });
      expect(await real.countAuditRecords(plan.id, 'batch_confirmed')).toBe(plan.state === 'armed' ? 1 : 0);
    }
  }

  toString(): string {
    return this.#name;
  }
}

const isExpired = ({ plannedAt }: ModelPlan) => Date.now() >= plannedAt + planValidityMinutes * minuteMs;

const makePlan = (size: number) =>
  new ModelCommand(`plan ${size} sessions`, async ({ plans }, real) => {
    const creating = real.plans.createPlan({ sessionKeys: Array.from({ length: size }, (_, index) => index + 1) });
    const openCount = plans.filter(({ state }) => state === 'planned').length;
    if (openCount >= 20) return void (await expect(creating).rejects.toMatchObject({ code: 'batch_refused' }));
    const { id } = await creating;
    await real.waitForState(id, 'planned');
    plans.push({ id, state: 'planned', sessions: size, plannedAt: Date.now(), isRefreshing: false, isTampered: false });
  });

const advanceTime = (minutes: number) =>
  new ModelCommand(`${minutes} minutes pass`, async ({ plans }, real) => {
    await vi.advanceTimersByTimeAsync(minutes * minuteMs);
    for (const plan of plans.filter(({ state }) => state === 'planned')) {
      if (plan.isRefreshing || !isExpired(plan)) continue;
      await real.waitForState(plan.id, 'expired');
      plan.state = 'expired';
    }
  });

/** A refresh ends with the app and does not change the plan. */
const restart = () =>
  new ModelCommand('restart', async ({ plans }, real) => {
    await real.close();
    await real.open();
    for (const plan of plans) {
      plan.isRefreshing = false;
      if (plan.state === 'planned' && isExpired(plan)) plan.state = 'expired';
    }
  });

type TypedCount = 'right' | 'wrong' | 'none';
type PlanAction = (plan: ModelPlan, real: PlansFixture) => Promise<void>;

/** A command for one of the existing plans, if there are any. */
const onRandomPlan = (name: string, pick: number, execute: PlanAction) =>
  new ModelCommand(`${name} (${pick})`, async ({ plans }, real) => {
    const plan = plans[pick % Math.max(1, plans.length)];
    if (plan) await execute(plan, real);
  });

const discard: PlanAction = async (plan, real) => {
  const discarding = real.plans.discard(plan.id);
  if (plan.state !== 'planned') return void (await expect(discarding).rejects.toMatchObject({ code: 'batch_refused' }));
  await discarding;
  Object.assign(plan, { state: 'discarded', isRefreshing: false });
};

const tamper: PlanAction = async (plan, real) => {
  const { number, state } = await real.repository.getRow(plan.id);
  if (state !== 'planned') return;
  real.executeSql(
    `UPDATE batch_items SET session_id = session_id || 'x' WHERE batch_number = ${number} AND position = 1`,
  );
  plan.isTampered = true;
};

const refresh: PlanAction = async (plan, real) => {
  const refreshing = real.plans.refresh(plan.id);
  if (plan.state !== 'planned') return void (await expect(refreshing).rejects.toMatchObject({ code: 'batch_refused' }));
  if (plan.isRefreshing) return void (await expect(refreshing).rejects.toMatchObject({ code: 'refresh_refused' }));
  await refreshing;
  plan.isRefreshing = true;
};

const endRefresh: PlanAction = async (plan, real) => {
  if (!plan.isRefreshing) return;
  const before = await real.countAuditRecords(plan.id, 'batch_refreshed');
  real.pendingRefreshes.get(`refresh of ${(await real.repository.getRow(plan.id)).number}`)?.();
  plan.isRefreshing = false;
  if (!plan.isTampered) {
    while ((await real.countAuditRecords(plan.id, 'batch_refreshed')) === before);
    // After the evaluation the validity starts again.
    plan.plannedAt = Date.now();
  } else if (isExpired(plan)) {
    while ((await real.repository.getRow(plan.id)).state !== 'expired') await vi.advanceTimersByTimeAsync(0);
    plan.state = 'expired';
  } else {
    // The digest is compared in the background; another refresh is accepted after that.
    while (
      await real.plans.refresh(plan.id).then(
        () => false,
        () => true,
      )
    );
    plan.isRefreshing = true;
  }
};

/** Two concurrent confirmations: at most one succeeds, and each refusal is recorded. */
const confirm =
  (digest: string, typed: TypedCount): PlanAction =>
  async (plan, real) => {
    const row = await real.repository.getRow(plan.id);
    const typedCount = { right: plan.sessions, wrong: plan.sessions + 1, none: null }[typed];
    const input = {
      batchId: plan.id,
      digest: digest === 'right' ? (row.digest ?? '') : 'f'.repeat(64),
      reason,
      typedCount,
    };
    const before = await real.countAuditRecords(plan.id, 'batch_declined');
    const results = await Promise.allSettled([real.plans.confirm(input), real.plans.confirm(input)]);
    const isCountValid = typed === 'right' || (typed === 'none' && plan.sessions <= maxSessionsWithoutTypedCount);
    const isAllowed =
      plan.state === 'planned' && !plan.isRefreshing && digest === 'right' && !plan.isTampered && isCountValid;
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(isAllowed ? 1 : 0);
    expect(await real.countAuditRecords(plan.id, 'batch_declined')).toBe(before + (isAllowed ? 1 : 2));
    if (isAllowed) plan.state = 'armed';
  };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

it('Plans: random commands lead to the states of the model, and only valid plans are confirmed', async () => {
  // Few plans, so that each one gets many commands.
  const pick = fc.nat(1);
  const on = (name: string, execute: PlanAction) => pick.map((index) => onRandomPlan(name, index, execute));
  const confirming = fc
    .tuple(
      pick,
      fc.constantFrom('right', 'right', 'right', 'wrong'),
      fc.constantFrom<TypedCount[]>('right', 'right', 'wrong', 'none'),
    )
    .map(([index, digest, typed]) =>
      onRandomPlan(`confirm, digest ${digest}, count ${typed}`, index, confirm(digest, typed)),
    );
  const refreshing = on('refresh', refresh);
  const commands = [
    fc.integer({ min: 1, max: sessionCount }).map(makePlan),
    fc.constantFrom(1, 10, 29, 31).map(advanceTime),
    fc.constant(null).map(restart),
    on('discard', discard),
    on('tamper with', tamper),
    refreshing,
    refreshing,
    on('end the refresh of', endRefresh),
    confirming,
    confirming,
  ];
  await fc.assert(
    fc.asyncProperty(fc.commands(commands, { maxCommands: 30, size: 'max' }), async (sequence) => {
      const real = new PlansFixture();
      await real.open();
      await real.seed();
      try {
        await fc.asyncModelRun(
          () => ({ model: { plans: [] } as Model, real }),
          [makePlan(sessionCount - 1), makePlan(3), ...sequence],
        );
      } finally {
        await real.close();
      }
    }),
    { numRuns: roundsOf({ quick: 3, full: 40 }), seed },
  );
}, 240_000);
