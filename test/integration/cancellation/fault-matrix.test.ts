/**
 * Every fault, at every step, at both providers, once and for ever: what the console records and what the simulated provider
 * really did must agree. The simulator runs in its own process and keeps its own log.
 */
import { afterAll, beforeAll, describe, it } from 'vitest';
import type { Cancellation, Connection } from '../../../src-main/contract/index.ts';
import type { Desk } from '../../../src-main/core/index.ts';
import {
  faultKinds,
  faultTable,
  type FaultKind,
  type FaultRule,
  type RouteKind,
  type SimulatedSession,
} from '../../../src-main/core/simulator/index.ts';
import { connect, openTestDesk, reason, track } from '../../support/app.ts';
import { spawnSimulator, type SpawnedSimulator } from '../../support/spawn-simulator.ts';

type Account = 'flinks' | 'xendit';

/** A provider and a console of their own, since a fault is switched on for a whole provider. */
interface Lane {
  readonly simulator: SpawnedSimulator;
  readonly desk: Desk;
  readonly connections: Record<Account, Connection>;
  readonly unused: Record<Account, SimulatedSession[]>;
}

const lanes: Lane[] = [];
const free: Lane[] = [];

async function openLane(): Promise<Lane> {
  const simulator = await spawnSimulator({ seed: 7, sessions: 800 });
  await simulator.control('setSwitches', { xendit: { limitPerMinute: 100_000 } });
  const desk = await openTestDesk({ providers: { answerLimitMs: 400, connectLimitMs: 2_000 } });
  const connections = await connect(desk, simulator);
  const usable = (await simulator.control('sessions')).filter(
    ({ account, state, product, subAccount }) =>
      account === 'practice' && state === 'active' && product !== 'e_transfer' && subAccount === null,
  );
  const of = (account: Account) => usable.filter(({ connection }) => connection === account);
  return { simulator, desk, connections, unused: { flinks: of('flinks'), xendit: of('xendit') } };
}

beforeAll(async () => {
  lanes.push(...(await Promise.all(Array.from({ length: 5 }, openLane))));
  free.push(...lanes);
});

afterAll(() =>
  Promise.all(
    lanes.map(async ({ desk, simulator }) => {
      await desk.close();
      await simulator.stop();
    }),
  ),
);

interface Case {
  readonly provider: Account;
  readonly route: RouteKind;
  readonly fault: FaultKind;
  readonly times: 1 | 99;
  readonly processed: boolean | null;
}

const cases: Case[] = (['flinks', 'xendit'] as const).flatMap((provider) =>
  faultKinds.flatMap((fault) =>
    faultTable[fault].on
      .filter((route) => !(provider === 'xendit' && route === 'authorize'))
      .flatMap((route) =>
        ([1, 99] as const).flatMap((times) => {
          const choices = route === 'cancel' && faultTable[fault].processed !== null ? [true, false] : [null];
          return choices.map((processed) => ({ provider, route, fault, times, processed }));
        }),
      ),
  ),
);

async function cancelUnder(
  { simulator, desk, connections, unused }: Lane,
  { provider, route, fault, times, processed }: Case,
): Promise<{ id: string; outcome: Cancellation }> {
  const session = unused[provider].pop();
  if (!session) throw new Error('The simulator has no more active sessions.');
  const tracked = await track(desk, connections[provider], session);
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
      outcome: await desk.handlers['cancellations.request']({ sessionKey: tracked.key, reason }),
    };
  } finally {
    await simulator.control('setFaults', []);
  }
}

describe('a cancellation under every fault', { concurrent: true }, () => {
  it.for(cases)(
    '$provider, $route: $fault, $times times, processed $processed',
    async (given, { expect, onTestFinished }) => {
      // As many tests run at once as there are lanes.
      const lane = free.pop();
      if (!lane) throw new Error('More tests run at once than there are lanes.');
      onTestFinished(() => void free.push(lane));
      const { simulator, desk } = lane;
      const { id, outcome } = await cancelUnder(lane, given);
      const [effects, requests, truth] = await Promise.all([
        simulator.control('cancelEffects', id),
        simulator.control('cancelRequests', id),
        simulator.control('session', id),
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
        const checked = await desk.handlers['cancellations.check']({ cancellationId: outcome.id });
        expect(checked).toMatchObject({ id: outcome.id, state: 'cancelled', confirmedBy: 'read_back' });
        expect(await simulator.control('cancelRequests', id)).toBe(requests);
      }
      expect((await simulator.log()).filter(({ kind }) => kind === 'redirect_followed')).toEqual([]);
    },
  );
});
