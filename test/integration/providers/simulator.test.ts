/**
 * The adapters against the simulated providers: every fault on every route. The results are compared with the log of
 * the simulator.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  faultKinds,
  faultDefinitions,
  practiceAccounts,
  routeKinds,
  startSimulator,
  trainingReferences,
} from '../../../src-main/core/simulator/index.ts';
import type {
  FaultKind,
  RouteKind,
  SimulatedSession,
  Simulator,
  SimulatorConfigPatch,
} from '../../../src-main/core/simulator/index.ts';
import type { FlinksOptions, ProviderName } from '../../../src-main/contract/index.ts';
import { createProviders, type Account, type Providers } from '../../../src-main/core/providers/index.ts';
import { flinksAccount, neverAborted, xenditAccount } from './provider-fixtures.ts';
import { nonEmpty } from '../../support/non-empty.ts';

let simulator: Simulator;
let providers: Providers;
/** Only a request that hangs needs a short timeout. Any other response arrives, however slow the computer is. */
let impatientProviders: Providers;
beforeAll(async () => {
  simulator = await startSimulator({ sessionCount: 1_200 });
  providers = createProviders();
  impatientProviders = createProviders({ responseTimeoutMs: 500 });
});
afterAll(() => simulator.close());

const account = (name: ProviderName, options: Partial<FlinksOptions> = {}): Account => {
  if (name === 'xendit') return { ...xenditAccount(simulator.url), secret: practiceAccounts.xendit.secretKey };
  const secret = options.authMode === 'api_key' ? practiceAccounts.flinks.apiKey : practiceAccounts.flinks.clientSecret;
  return { ...flinksAccount(simulator.url, { clientId: practiceAccounts.flinks.clientId, ...options }), secret };
};

const usedIds = new Set<string>();
const trainingNames = new Set<string | null>(Object.values(trainingReferences));
const isUnmodified = ({ account: owner, subAccount, paymentRequestId, reference }: SimulatedSession) =>
  owner === 'practice' && subAccount === null && paymentRequestId === null && !trainingNames.has(reference);

/** An active session that no other test uses. */
function takeUnusedSession(name: ProviderName, product?: string): SimulatedSession {
  const session = simulator
    .listSessions()
    .find(
      (each) =>
        each.connection === name &&
        each.state === 'active' &&
        (product === undefined || each.product === product) &&
        isUnmodified(each) &&
        !usedIds.has(each.id),
    );
  if (session === undefined) throw new Error('The simulator has no unused active session.');
  usedIds.add(session.id);
  return session;
}

const simulatedStateOf = (id: string) => simulator.getSession(id)?.state;

/** Cancels and reads the session; every result must agree with the state and log of the simulator. */
async function expectSimulatedState(name: ProviderName, session: SimulatedSession, hangingRoute?: RouteKind) {
  const providersOf = (route: 'cancel' | 'read') =>
    hangingRoute === route || hangingRoute === 'authorize' ? impatientProviders : providers;
  const cancelled = await providersOf('cancel')[name].cancel(account(name), session, neverAborted);
  const effects = simulator.countCancelEffects(session.id);
  if (cancelled.kind === 'cancelled') expect(simulatedStateOf(session.id)).toBe('cancelled');
  if (cancelled.kind === 'not_sent') expect(simulator.countCancelRequests(session.id)).toBe(0);
  if (effects > 0) expect(['cancelled', 'unclear']).toContain(cancelled.kind);
  expect(effects).toBeLessThanOrEqual(1);
  const read = await providersOf('read')[name].read(account(name), session, neverAborted);
  if (read.kind === 'found') expect(['unknown', simulatedStateOf(session.id)]).toContain(read.session.status);
  expect(read.kind).not.toBe('not_found');
  expect(nonEmpty(simulator.listLogRecords()).filter(({ kind }) => kind === 'redirect_followed')).toEqual([]);
  return { cancelled, read };
}

/** The result of a cancel if its route has the fault every time. */
const expectedByFault: Record<FaultKind, readonly [kind: string, cause: string | null]> = {
  latency: ['cancelled', null],
  throttled: ['throttled', 'throttled'],
  server_error: ['unclear', 'server_error'],
  unavailable: ['unclear', 'server_error'],
  reset: ['unclear', 'connection_lost'],
  hang: ['unclear', 'timed_out'],
  cut_body: ['unclear', 'answer_cut'],
  html_body: ['unclear', 'answer_unreadable'],
  broken_json: ['unclear', 'answer_unreadable'],
  empty_body: ['unclear', 'answer_unreadable'],
  wrong_id: ['unclear', 'wrong_session_answered'],
  unexpected_status: ['unclear', 'status_unexpected'],
  expired_token: ['refused', 'unauthorized'],
  redirect: ['unclear', 'redirected'],
};

describe.each(['flinks', 'xendit'] as const)('%s', (name) => {
  const routes = routeKinds.filter((route) => name === 'flinks' || route !== 'authorize');
  const routesOf = (fault: FaultKind): readonly RouteKind[] => faultDefinitions[fault].routes;
  const matrix = routes.flatMap((route) =>
    faultKinds
      .filter((fault) => routesOf(fault).includes(route))
      .flatMap((fault) =>
        faultDefinitions[fault].processed === null
          ? [{ route, fault }]
          : [
              { route, fault, processed: true },
              { route, fault, processed: false },
            ],
      ),
  );

  it.each(nonEmpty(matrix))(
    'fault: $fault on $route, processed: $processed, gives a result that the simulator confirms',
    async (rule) => {
      simulator.setFaults([{ ...rule, provider: name, ...(rule.fault === 'latency' && { delayMs: 20 }) }]);
      const { cancelled, read } = await expectSimulatedState(
        name,
        takeUnusedSession(name),
        rule.fault === 'hang' ? rule.route : undefined,
      );
      simulator.setFaults([]);
      if (rule.route === 'cancel') {
        const [kind, cause] = expectedByFault[rule.fault];
        expect(cancelled).toMatchObject({ kind, ...(cause !== null && { cause }) });
        expect(read.kind).toBe('found');
      } else if (rule.route === 'read') {
        expect(cancelled.kind).toBe('cancelled');
        // An expired token is replaced (Flinks). After the other faults the status is not read.
        const canRead = rule.fault === 'latency' || rule.fault === 'expired_token';
        if (!canRead) expect(read).not.toMatchObject({ kind: 'found', session: { isFinal: true } });
      } else if (rule.fault !== 'latency') {
        expect(['not_sent', 'throttled']).toContain(cancelled.kind);
      }
    },
  );

  const byReference = (reference: string) => {
    const session = simulator.listSessions().find((each) => each.reference === reference);
    if (session === undefined) throw new Error(`The simulator has no training session ${reference}.`);
    return session;
  };
  const training =
    name === 'flinks'
      ? ({
          plainFlinks: ['cancelled', 'cancelled'],
          eTransfer: ['cancelled', 'cancelled'],
          inProgressFlinks: ['cancelled', 'cancelled'],
          paidMeanwhileFlinks: ['final', 'completed'],
          expiredMeanwhileFlinks: ['final', 'expired'],
          cancelledElsewhereFlinks: ['final', 'cancelled'],
          anotherAccountFlinks: ['not_found', null],
        } as const)
      : ({
          plainXendit: ['cancelled', 'cancelled'],
          pendingXendit: ['final', 'in_progress'],
          paidMeanwhileXendit: ['final', 'completed'],
          expiredMeanwhileXendit: ['final', 'expired'],
          cancelledElsewhereXendit: ['final', 'cancelled'],
          anotherAccountXendit: ['not_found', null],
          paymentInFlight: ['cancelled', 'cancelled'],
          subAccount: ['cancelled', 'cancelled'],
        } as const);

  it.each(nonEmpty(Object.entries(training)))(
    'training session: %s gives the expected cancel and read',
    async (reference, [kind, status]) => {
      const session = byReference(trainingReferences[reference as keyof typeof trainingReferences]);
      const cancelled = await providers[name].cancel(account(name), session, neverAborted);
      expect(cancelled.kind).toBe(kind);
      if (cancelled.kind === 'cancelled')
        expect(cancelled.session.paymentInFlight).toBe(reference === 'paymentInFlight');
      const read = await providers[name].read(account(name), session, neverAborted);
      if (status === null) expect(read.kind).toBe('not_found');
      else expect(read).toMatchObject({ kind: 'found', session: { status, isFinal: status !== 'in_progress' } });
    },
  );

  it('credential test: the practice credential is accepted and a wrong one is refused', async () => {
    expect(await providers[name].testCredential(account(name), neverAborted)).toMatchObject({ kind: 'accepted' });
    const wrongAccount = { ...account(name), secret: name === 'xendit' ? 'xnd_development_wrong' : 'wrong' };
    expect(await providers[name].testCredential(wrongAccount, neverAborted)).toMatchObject({
      kind: 'refused',
      cause: 'unauthorized',
    });
  });
});

describe('flinks configurations', () => {
  const configurations: NonNullable<SimulatorConfigPatch['flinks']>[] = [
    { cancelledSpelling: 'Cancelled' },
    { tokenUse: 'single_use' },
    { includesExpiresIn: false },
    { includesETransferDetails: true },
    { statusWithoutToken: 'unauthorized' },
    { statusWithoutToken: 'forbidden' },
    { errorFormat: 'problem_details' },
    { errorFormat: 'empty' },
    { errorFormat: 'html' },
    { errorFormat: 'text' },
  ];
  it.each(configurations)('Flinks configuration: %o works for all products', async (flinks) => {
    simulator.updateConfig({ flinks });
    for (const product of ['geft', 'eft', 'e_transfer']) {
      const session = takeUnusedSession('flinks', product);
      const { cancelled, read } = await expectSimulatedState('flinks', session);
      expect([cancelled.kind, read.kind]).toEqual(['cancelled', 'found']);
      expect(await providers.flinks.cancel(account('flinks'), session, neverAborted)).toMatchObject({
        kind: 'final',
        evidence: { httpStatus: 400 },
      });
      expect(await providers.flinks.readDetails?.(account('flinks'), session, neverAborted)).toMatchObject({
        kind: 'found',
        session: { status: 'cancelled', currency: 'CAD' },
      });
    }
    simulator.updateConfig({
      flinks: {
        cancelledSpelling: 'Canceled',
        tokenUse: 'reusable',
        includesExpiresIn: true,
        includesETransferDetails: false,
        statusWithoutToken: 'answered',
        errorFormat: 'oauth',
      },
    });
  });

  it.each([{ authMode: 'api_key' }, { credentialsIn: 'form' }, { sendClientId: true }, { reuseToken: true }] as const)(
    'Flinks connection: test, cancel and read work with %o',
    async (options) => {
      const session = takeUnusedSession('flinks');
      expect(await providers.flinks.testCredential(account('flinks', options), neverAborted)).toMatchObject({
        kind: 'accepted',
      });
      expect(await providers.flinks.cancel(account('flinks', options), session, neverAborted)).toMatchObject({
        kind: 'cancelled',
      });
      expect(await providers.flinks.read(account('flinks', options), session, neverAborted)).toMatchObject({
        kind: 'found',
        session: { status: 'cancelled' },
      });
      providers.flinks.releaseConnection('flinks-1');
    },
  );

  it('e-Transfer: a cancel that is off at the provider does not change the session', async () => {
    simulator.updateConfig({ flinks: { supportsETransferCancel: false } });
    const session = takeUnusedSession('flinks', 'e_transfer');
    expect(await providers.flinks.cancel(account('flinks'), session, neverAborted)).toMatchObject({
      kind: 'not_found',
      cause: 'endpoint_off',
    });
    expect(await providers.flinks.read(account('flinks'), session, neverAborted)).toMatchObject({
      kind: 'found',
      session: { status: 'active' },
    });
    simulator.updateConfig({ flinks: { supportsETransferCancel: true } });
  });

  it('token: an expired token is replaced and the cancel takes effect once', async () => {
    simulator.setFaults([{ route: 'cancel', fault: 'expired_token', provider: 'flinks', times: 1 }]);
    const session = takeUnusedSession('flinks');
    expect(await providers.flinks.cancel(account('flinks'), session, neverAborted)).toMatchObject({
      kind: 'cancelled',
    });
    expect(simulator.countCancelEffects(session.id)).toBe(1);
    simulator.setFaults([]);
  });
});

describe('xendit configurations', () => {
  it('Xendit account: a read-only key is forbidden to cancel', async () => {
    simulator.updateConfig({ xendit: { rejection: 'read_only_key' } });
    expect(await providers.xendit.cancel(account('xendit'), takeUnusedSession('xendit'), neverAborted)).toMatchObject({
      kind: 'refused',
      cause: 'forbidden',
    });
    simulator.updateConfig({ xendit: { rejection: 'none' } });
  });

  it('Xendit account: an IP address outside the allowlist is refused', async () => {
    simulator.updateConfig({ xendit: { rejection: 'ip_not_allowed' } });
    expect(await providers.xendit.cancel(account('xendit'), takeUnusedSession('xendit'), neverAborted)).toMatchObject({
      kind: 'refused',
      cause: 'address_not_allowed',
    });
    simulator.updateConfig({ xendit: { rejection: 'none' } });
  });

  it('Xendit account: amounts as text are read', async () => {
    simulator.updateConfig({ xendit: { amountType: 'string' } });
    const session = takeUnusedSession('xendit');
    expect(await providers.xendit.read(account('xendit'), session, neverAborted)).toMatchObject({
      kind: 'found',
      session: { amount: session.amount, currency: session.currency },
    });
    simulator.updateConfig({ xendit: { amountType: 'number' } });
  });

  it('Xendit account: a session of a sub-account is found only with the sub-account', async () => {
    const session = simulator.listSessions().find((each) => each.reference === trainingReferences.subAccount);
    if (session === undefined) throw new Error('The simulator has no training session of a sub-account.');
    expect(
      await providers.xendit.read(account('xendit'), { ...session, subAccount: null }, neverAborted),
    ).toMatchObject({
      kind: 'not_found',
    });
    const subAccountAccount = {
      ...account('xendit'),
      options: { provider: 'xendit' as const, forUserId: practiceAccounts.xendit.subAccount },
    };
    expect(
      await providers.xendit.read(subAccountAccount, { ...session, subAccount: null }, neverAborted),
    ).toMatchObject({
      kind: 'found',
    });
  });
});
