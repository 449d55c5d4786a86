/**
 * Every fault on every route of both providers, once and permanently: the records of the app must match the real
 * effects at the simulated provider. The simulator runs in a separate process and writes its own log. `npm test` runs
 * one case of each fault on each route, selected by the seed.
 */
import { afterAll, describe, it } from 'vitest';
import type { Cancellation, Connection } from '../../../src-main/contract/index.ts';
import type { App } from '../../../src-main/core/index.ts';
import {
  faultKinds,
  faultDefinitions,
  type FaultKind,
  type FaultRule,
  type RouteKind,
  type SimulatedSession,
} from '../../../src-main/core/simulator/index.ts';
import { pick, seededRandom } from '../../../src-main/core/simulator/random.ts';
import { addConnections, openTestApp, reason, trackSession } from '../../support/app.ts';
import { spawnSimulator, type SpawnedSimulator } from '../../support/spawn-simulator.ts';
import { isFullSuite, seed } from '../../support/suite.ts';
import { nonEmpty } from '../../support/non-empty.ts';

type ProviderAccount = 'flinks' | 'xendit';

/** A simulator and an app for one test at a time, because a fault applies to a whole provider. */
interface TestEnvironment {
  readonly simulator: SpawnedSimulator;
  readonly app: App;
  readonly connections: Record<ProviderAccount, Connection>;
  readonly unusedSessions: Record<ProviderAccount, SimulatedSession[]>;
}

/** Only a request that hangs needs a short timeout. Any other response arrives, however slow the computer is. */
const hangTimeoutMs = 1_000;

async function openEnvironment(isForHanging: boolean): Promise<TestEnvironment> {
  const simulator = await spawnSimulator({ seed: 7, sessionCount: 800 });
  await simulator.control('updateConfig', { xendit: { maxRequestsPerMinute: 100_000 } });
  const app = await openTestApp(isForHanging ? { providers: { responseTimeoutMs: hangTimeoutMs } } : {});
  const connections = await addConnections(app, simulator);
  const activeSessions = (await simulator.control('listSessions')).filter(
    ({ account, state, product, subAccount }) =>
      account === 'practice' && state === 'active' && product !== 'e_transfer' && subAccount === null,
  );
  const sessionsOf = (account: ProviderAccount) => activeSessions.filter(({ connection }) => connection === account);
  return {
    simulator,
    app,
    connections,
    unusedSessions: { flinks: sessionsOf('flinks'), xendit: sessionsOf('xendit') },
  };
}

/** Environments that are opened when they are needed, at most `size`. */
class EnvironmentPool {
  readonly #opened: Promise<TestEnvironment>[] = [];
  readonly #free: TestEnvironment[] = [];
  readonly #waiting: ((environment: TestEnvironment) => void)[] = [];
  readonly #open: () => Promise<TestEnvironment>;
  readonly #size: number;

  constructor(size: number, open: () => Promise<TestEnvironment>) {
    this.#size = size;
    this.#open = open;
  }

  async acquire(): Promise<TestEnvironment> {
    const environment = this.#free.pop();
    if (environment) return environment;
    if (this.#opened.length >= this.#size) return await new Promise((resolve) => this.#waiting.push(resolve));
    const opening = this.#open();
    this.#opened.push(opening);
    return await opening;
  }

  release(environment: TestEnvironment): void {
    const next = this.#waiting.shift();
    if (next) next(environment);
    else this.#free.push(environment);
  }

  async close(): Promise<void> {
    for (const { app, simulator } of await Promise.all(this.#opened)) {
      await app.close();
      await simulator.stop();
    }
  }
}

const pools = {
  hanging: new EnvironmentPool(2, () => openEnvironment(true)),
  responding: new EnvironmentPool(2, () => openEnvironment(false)),
};
afterAll(async () => {
  await pools.hanging.close();
  await pools.responding.close();
});

interface FaultCase {
  readonly provider: ProviderAccount;
  readonly route: RouteKind;
  readonly fault: FaultKind;
  readonly times: 1 | 99;
  readonly processed: boolean | null;
}

const allCases: FaultCase[] = (['flinks', 'xendit'] as const).flatMap((provider) =>
  faultKinds.flatMap((fault) =>
    faultDefinitions[fault].routes
      .filter((route) => !(provider === 'xendit' && route === 'authorize'))
      .flatMap((route) =>
        ([1, 99] as const).flatMap((times) => {
          const processedValues =
            route === 'cancel' && faultDefinitions[fault].processed !== null ? [true, false] : [null];
          return processedValues.map((processed) => ({ provider, route, fault, times, processed }));
        }),
      ),
  ),
);

const random = seededRandom(seed);
const faultCases = isFullSuite
  ? allCases
  : [...Map.groupBy(allCases, ({ fault, route }) => `${fault} ${route}`).values()].map((cases) => pick(random, cases));

async function cancelWithFault(
  { simulator, app, connections, unusedSessions }: TestEnvironment,
  { provider, route, fault, times, processed }: FaultCase,
): Promise<{ id: string; outcome: Cancellation }> {
  const session = unusedSessions[provider].pop();
  if (!session) throw new Error('The simulator has no more active sessions.');
  const tracked = await trackSession(app, connections[provider], session);
  const rule: FaultRule = {
    route,
    fault,
    times,
    provider,
    waitSeconds: 0.05,
    delayMs: 30,
    ...(processed !== null && { processed }),
    ...(route !== 'authorize' && { sessionId: session.id }),
  };
  // A read occurs only after an unclear response, so the response to the cancel request is lost first.
  const lostResponse: FaultRule = {
    route: 'cancel',
    fault: 'reset',
    processed: true,
    times: 1,
    provider,
    sessionId: session.id,
  };
  await simulator.control('setFaults', route === 'read' ? [lostResponse, rule] : [rule]);
  try {
    return {
      id: session.id,
      outcome: await app.handlers['cancellations.request']({ sessionKey: tracked.key, reason }),
    };
  } finally {
    await simulator.control('setFaults', []);
  }
}

describe('cancellations.request under every fault', { concurrent: true, timeout: 120_000 }, () => {
  it.for(faultCases)(
    'request: $fault on $route at $provider, $times times, processed $processed',
    async (faultCase, { expect, onTestFinished }) => {
      const pool = faultCase.fault === 'hang' ? pools.hanging : pools.responding;
      const environment = await pool.acquire();
      onTestFinished(() => pool.release(environment));
      const { simulator, app } = environment;
      const { id, outcome } = await cancelWithFault(environment, faultCase);
      const [effectCount, requestCount, providerSession] = await Promise.all([
        simulator.control('countCancelEffects', id),
        simulator.control('countCancelRequests', id),
        simulator.control('getSession', id),
      ]);
      const isCancelled = providerSession?.state === 'cancelled';
      expect(effectCount).toBe(isCancelled ? 1 : 0);
      expect(requestCount).toBeLessThanOrEqual(3);
      switch (outcome.state) {
        case 'cancelled':
          expect(isCancelled).toBe(true);
          break;
        case 'not_sent':
          expect(requestCount).toBe(0);
          break;
        case 'refused':
        case 'still_active':
          expect(isCancelled).toBe(false);
          break;
        case 'unknown':
          // Only if the session could not be read back either.
          expect(faultCase).toMatchObject({ route: 'read', times: 99 });
          break;
        default:
          throw new Error(`An active session ended as ${outcome.state}.`);
      }
      // A single fault is overcome by a retry or a read, except a refusal, which is not retried.
      const isRefusal = outcome.state === 'refused' || faultCase.fault === 'redirect';
      if (faultCase.times === 1 && !isRefusal) expect(outcome.state).toBe('cancelled');

      if (outcome.state === 'unknown') {
        const checked = await app.handlers['cancellations.check']({ cancellationId: outcome.id });
        expect(checked).toMatchObject({ id: outcome.id, state: 'cancelled', confirmedBy: 'read_back' });
        expect(await simulator.control('countCancelRequests', id)).toBe(requestCount);
      }
      expect(nonEmpty(await simulator.readLog()).filter(({ kind }) => kind === 'redirect_followed')).toEqual([]);
    },
  );
});
