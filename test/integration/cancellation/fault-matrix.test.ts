/**
 * Every fault, at every step, at both providers, once and for ever: what the console records and what the simulated provider
 * really did must agree. The simulator runs in its own process and keeps its own log.
 */
import { afterAll, beforeAll, describe, it } from 'vitest';
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
import { addConnections, openTestApp, reason, trackSession } from '../../support/app.ts';
import { spawnSimulator, type SpawnedSimulator } from '../../support/spawn-simulator.ts';

type ProviderAccount = 'flinks' | 'xendit';

/** A provider and a console of their own, since a fault is switched on for a whole provider. */
interface TestEnvironment {
  readonly simulator: SpawnedSimulator;
  readonly app: App;
  readonly connections: Record<ProviderAccount, Connection>;
  readonly unusedSessions: Record<ProviderAccount, SimulatedSession[]>;
}

const environments: TestEnvironment[] = [];
const freeEnvironments: TestEnvironment[] = [];

async function openEnvironment(): Promise<TestEnvironment> {
  const simulator = await spawnSimulator({ seed: 7, sessionCount: 800 });
  await simulator.control('updateConfig', { xendit: { maxRequestsPerMinute: 100_000 } });
  const app = await openTestApp({ providers: { responseTimeoutMs: 400, connectTimeoutMs: 2_000 } });
  const connections = await addConnections(app, simulator);
  const usable = (await simulator.control('listSessions')).filter(
    ({ account, state, product, subAccount }) =>
      account === 'practice' && state === 'active' && product !== 'e_transfer' && subAccount === null,
  );
  const of = (account: ProviderAccount) => usable.filter(({ connection }) => connection === account);
  return { simulator, app, connections, unusedSessions: { flinks: of('flinks'), xendit: of('xendit') } };
}

beforeAll(async () => {
  environments.push(...(await Promise.all(Array.from({ length: 5 }, openEnvironment))));
  freeEnvironments.push(...environments);
});

afterAll(() =>
  Promise.all(
    environments.map(async ({ app, simulator }) => {
      await app.close();
      await simulator.stop();
    }),
  ),
);

interface FaultCase {
  readonly provider: ProviderAccount;
  readonly route: RouteKind;
  readonly fault: FaultKind;
  readonly times: 1 | 99;
  readonly processed: boolean | null;
}

const faultCases: FaultCase[] = (['flinks', 'xendit'] as const).flatMap((provider) =>
  faultKinds.flatMap((fault) =>
    faultDefinitions[fault].routes
      .filter((route) => !(provider === 'xendit' && route === 'authorize'))
      .flatMap((route) =>
        ([1, 99] as const).flatMap((times) => {
          const choices = route === 'cancel' && faultDefinitions[fault].processed !== null ? [true, false] : [null];
          return choices.map((processed) => ({ provider, route, fault, times, processed }));
        }),
      ),
  ),
);

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
  // A fault of the reading only matters where there is one: the cancel's own answer is lost before it.
  const lost: FaultRule = {
    route: 'cancel',
    fault: 'reset',
    processed: true,
    times: 1,
    provider,
    sessionId: session.id,
  };
  await simulator.control('setFaults', route === 'read' ? [lost, rule] : [rule]);
  try {
    return {
      id: session.id,
      outcome: await app.handlers['cancellations.request']({ sessionKey: tracked.key, reason }),
    };
  } finally {
    await simulator.control('setFaults', []);
  }
}

describe('a cancellation under every fault', { concurrent: true }, () => {
  it.for(faultCases)(
    '$provider, $route: $fault, $times times, processed $processed',
    async (given, { expect, onTestFinished }) => {
      // As many tests run at once as there are lanes.
      const lane = freeEnvironments.pop();
      if (!lane) throw new Error('More tests run at once than there are lanes.');
      onTestFinished(() => void freeEnvironments.push(lane));
      const { simulator, app } = lane;
      const { id, outcome } = await cancelWithFault(lane, given);
      const [effects, requests, truth] = await Promise.all([
        simulator.control('countCancelEffects', id),
        simulator.control('countCancelRequests', id),
        simulator.control('getSession', id),
      ]);
      const isCancelled = truth?.state === 'cancelled';
      expect(effects).toBe(isCancelled ? 1 : 0);
      expect(requests).toBeLessThanOrEqual(3);
      switch (outcome.state) {
        case 'cancelled':
          expect(isCancelled).toBe(true);
          break;
        case 'not_sent':
          expect(requests).toBe(0);
          break;
        case 'refused':
        case 'still_active':
          expect(isCancelled).toBe(false);
          break;
        case 'unknown':
          // Only where the session could not be read back either.
          expect(given).toMatchObject({ route: 'read', times: 99 });
          break;
        default:
          throw new Error(`An active session ended as ${outcome.state}.`);
      }
      // A fault that passes, however it looks, is overcome: but for a plain no, which is not asked twice.
      const isPlainNo = outcome.state === 'refused' || given.fault === 'redirect';
      if (given.times === 1 && !isPlainNo) expect(outcome.state).toBe('cancelled');

      if (outcome.state === 'unknown') {
        const checked = await app.handlers['cancellations.check']({ cancellationId: outcome.id });
        expect(checked).toMatchObject({ id: outcome.id, state: 'cancelled', confirmedBy: 'read_back' });
        expect(await simulator.control('countCancelRequests', id)).toBe(requests);
      }
      expect((await simulator.readLog()).filter(({ kind }) => kind === 'redirect_followed')).toEqual([]);
    },
  );
});
