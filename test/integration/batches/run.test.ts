import { execFileSync } from 'node:child_process';
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { AppError } from '../../../src-main/contract/index.ts';
import { createTempFolder, memoryKeychain, openTestApp, reason } from '../../support/app.ts';
import { fakeMessage } from '../../support/fake-messages.ts';
import { spawnApp } from '../../support/spawn-app.ts';
import { spawnSimulator, type SpawnedSimulator } from '../../support/spawn-simulator.ts';
import { isInState, getItems, waitForBatch } from './plan-fixtures.ts';
import {
  receivedCancelIds,
  planAndConfirm,
  isFinished,
  setupBatch,
  waitForCancelRequests,
  setRateLimit,
  hasNothingInFlight,
  createTrackedSessions,
} from './batch-fixtures.ts';

let simulator: SpawnedSimulator;
beforeEach(async () => {
  simulator = await spawnSimulator({ sessionCount: 20 });
  await simulator.control('updateConfig', { xendit: { maxRequestsPerMinute: 1_000_000 } });
});
afterEach(() => simulator.stop());

const setCancelLatency = (delayMs: number) =>
  simulator.control('setFaults', [{ route: 'cancel', fault: 'latency', delayMs }]);
/** Only root can mount the small file system of this test; for other users the test is not defined. */
const itAsRoot: (name: string, test: () => Promise<void>) => void = process.getuid?.() === 0 ? it : () => undefined;

describe('a running batch', () => {
  it('pause: sends nothing more and records requests in flight; resume continues to the end', async () => {
    const {
      app,
      connections: { xendit },
    } = await setupBatch(simulator);
    const sessions = await createTrackedSessions(simulator, app, xendit, 12);
    await setRateLimit({ app }, xendit, 100, 3);
    await setCancelLatency(250);
    const { id } = await planAndConfirm(app, sessions);
    await waitForCancelRequests(simulator, 4);
    expect(await app.handlers['batches.pause']({ batchId: id })).toMatchObject({ state: 'paused' });
    const paused = await waitForBatch(app, id, hasNothingInFlight);
    const before = (await receivedCancelIds(simulator)).length;
    expect(before).toBeLessThanOrEqual(6);
    expect(paused.outcomeCounts).toEqual({ cancelled: before, waiting: 12 - before });
    await app.handlers['batches.resume']({ batchId: id });
    expect((await waitForBatch(app, id, isFinished)).outcomeCounts).toEqual({ cancelled: 12 });
    expect((await receivedCancelIds(simulator)).toSorted()).toEqual(sessions.map((session) => session.id).toSorted());
  });

  it('stop: waiting sessions have the outcome not_sent', async () => {
    const {
      app,
      connections: { xendit },
    } = await setupBatch(simulator);
    const sessions = await createTrackedSessions(simulator, app, xendit, 12);
    await setRateLimit({ app }, xendit, 100, 2);
    await setCancelLatency(200);
    const { id } = await planAndConfirm(app, sessions);
    await waitForCancelRequests(simulator, 3);
    await app.handlers['batches.stop']({ batchId: id });
    const { outcomeCounts } = await waitForBatch(app, id, isInState('stopped'));
    const sent = (await receivedCancelIds(simulator)).length;
    expect(outcomeCounts).toEqual({ cancelled: sent, not_sent: 12 - sent });
    expect((await getItems(app, id, { filter: { outcomes: ['not_sent'] } })).rows).toEqual(
      expect.arrayContaining([expect.objectContaining({ cause: 'stopped_before_sending', cancellationId: null })]),
    );
  });

  it('callOff: an armed batch sends nothing', async () => {
    const {
      app,
      connections: { xendit },
    } = await setupBatch(simulator, { startDelayMs: 60_000 });
    const { id, state, startsAt } = await planAndConfirm(app, await createTrackedSessions(simulator, app, xendit, 5));
    expect([state, startsAt]).toEqual(['armed', expect.any(String)]);
    expect(await app.handlers['batches.callOff']({ batchId: id })).toMatchObject({
      state: 'called_off',
      outcomeCounts: { not_sent: 5 },
    });
    expect(await receivedCancelIds(simulator)).toEqual([]);
    await expect(app.handlers['batches.resume']({ batchId: id })).rejects.toMatchObject({ code: 'batch_refused' });
  });

  it('rateLimits.change: applies immediately to a running batch', async () => {
    const {
      app,
      connections: { xendit },
    } = await setupBatch(simulator);
    const sessions = await createTrackedSessions(simulator, app, xendit, 40);
    await setRateLimit({ app }, xendit, 0.1, 1);
    const { id } = await planAndConfirm(app, sessions);
    await waitForCancelRequests(simulator, 1);
    await setRateLimit({ app }, xendit, 200, 8);
    expect((await waitForBatch(app, id, isFinished)).outcomeCounts).toEqual({ cancelled: 40 });
  });

  it('single cancellation: goes first, and the batch then finds the session already final', async () => {
    const {
      app,
      connections: { xendit },
    } = await setupBatch(simulator);
    const sessions = await createTrackedSessions(simulator, app, xendit, 3);
    await setRateLimit({ app }, xendit, 0.1, 1);
    const { id } = await planAndConfirm(app, sessions);
    await waitForCancelRequests(simulator, 1);
    const [first] = await receivedCancelIds(simulator);
    const other = sessions.find((session) => session.id !== first);
    expect(await app.handlers['cancellations.request']({ sessionKey: other?.key ?? 0, reason })).toMatchObject({
      state: 'cancelled',
    });
    await setRateLimit({ app }, xendit, 200, 4);
    expect((await waitForBatch(app, id, isFinished)).outcomeCounts).toEqual({ cancelled: 2, already_final: 1 });
    expect((await receivedCancelIds(simulator)).slice(0, 2)).toEqual([first, other?.id]);
  });

  it('two batches: share the rate limit of a connection fairly', async () => {
    const {
      app,
      connections: { xendit },
    } = await setupBatch(simulator);
    const sessions = await createTrackedSessions(simulator, app, xendit, 60);
    await setRateLimit({ app }, xendit, 50, 2);
    const sessionHalves = [sessions.slice(0, 30), sessions.slice(30)] as const;
    const batches = await Promise.all(sessionHalves.map((half) => planAndConfirm(app, half)));
    await Promise.all(batches.map(({ id }) => waitForBatch(app, id, isFinished)));
    const firstBatchIds = new Set(sessionHalves[0].map(({ id }) => id));
    // Each batch has at least a third of the requests that were sent while both were running.
    const firstBatchCount = (await receivedCancelIds(simulator))
      .slice(4, 40)
      .filter((id) => firstBatchIds.has(id)).length;
    expect(firstBatchCount).toBeGreaterThanOrEqual(12);
    expect(firstBatchCount).toBeLessThanOrEqual(24);
  });

  it('circuit breaker: repeated refusals pause the connection until the operator resumes it', async () => {
    const {
      app,
      connections: { xendit, flinks },
    } = await setupBatch(simulator);
    const sessions = [
      ...(await createTrackedSessions(simulator, app, xendit, 12)),
      ...(await createTrackedSessions(simulator, app, flinks, 4)),
    ];
    await setRateLimit({ app }, xendit, 100, 1);
    await setRateLimit({ app }, flinks, 100, 1);
    await simulator.control('updateConfig', { xendit: { rejection: 'read_only_key' } });
    const { id } = await planAndConfirm(app, sessions);
    const paused = await waitForBatch(
      app,
      id,
      ({ connections, outcomeCounts }) =>
        outcomeCounts.cancelled === 4 && connections.some(({ state }) => state === 'paused'),
    );
    expect(paused.outcomeCounts.refused).toBeLessThanOrEqual(3);
    expect(paused).toMatchObject({ state: 'running', issue: null });
    expect(paused.connections.find(({ connectionId }) => connectionId === xendit.id)?.issue).toMatchObject({
      action: 'replace_secret',
      messageKey: 'batch.connectionRefused',
      params: { name: 'Xendit ID' },
    });
    await simulator.control('updateConfig', { xendit: { rejection: 'none' } });
    expect(await app.handlers['batches.resumeConnection']({ connectionId: xendit.id })).toMatchObject({
      issue: null,
    });
    const refused = paused.outcomeCounts.refused ?? 0;
    expect((await waitForBatch(app, id, isFinished)).outcomeCounts).toEqual({ cancelled: 16 - refused, refused });
  });

  it('final sessions: a known one is skipped, and an unknown one is found by the cancel request', async () => {
    const {
      app,
      connections: { xendit },
    } = await setupBatch(simulator, { startDelayMs: 500 });
    const sessions = await createTrackedSessions(simulator, app, xendit, 3);
    const [known, unreported] = sessions;
    if (!known || !unreported) throw new Error('The simulator created too few sessions.');
    await setRateLimit({ app }, xendit, 100, 1);
    const { id } = await planAndConfirm(app, sessions);
    for (const session of [known, unreported]) await simulator.control('setState', session.id, 'completed');
    await app.handlers['sessions.refresh']({ sessionKey: known.key });
    expect((await waitForBatch(app, id, isFinished)).outcomeCounts).toEqual({ cancelled: 1, already_final: 2 });
    const { rows } = await getItems(app, id);
    for (const session of [known, unreported])
      expect(rows.find(({ sessionId }) => sessionId === session.id)).toMatchObject({
        outcome: 'already_final',
        foundStatus: 'completed',
      });
    expect(await simulator.control('countCancelRequests', known.id)).toBe(0);
    expect(await simulator.control('countCancelRequests', unreported.id)).toBe(1);
  });
});

describe('a batch with an unusable connection', () => {
  it.each([
    ['secret deleted', 'replace_secret'],
    ['keychain locked', 'unlock_keychain'],
    ['connection locked', 'unlock_connection'],
  ] as const)('%s: the other connections continue, and this one after it was resumed', async (problem, action) => {
    const keychain = memoryKeychain();
    const { get } = keychain;
    let isLocked = false;
    keychain.get = (account) =>
      isLocked ? Promise.reject(new AppError('keychain_locked', fakeMessage('The keychain is locked.'))) : get(account);
    const {
      app,
      connections: { xendit, flinks },
    } = await setupBatch(simulator, { keychain });
    const sessions = [
      ...(await createTrackedSessions(simulator, app, xendit, 3)),
      ...(await createTrackedSessions(simulator, app, flinks, 3)),
    ];
    for (const connection of [xendit, flinks]) await setRateLimit({ app }, connection, 100, 2);
    const { id } = await confirmWithProblem();
    const paused = await waitForBatch(
      app,
      id,
      ({ connections, outcomeCounts }) =>
        connections.some(({ issue }) => issue?.action === action) && (isLocked || outcomeCounts.cancelled === 3),
    );
    expect(paused.state).toBe('running');
    expect(paused.outcomeCounts.waiting).toBe(isLocked ? 6 : 3);
    isLocked = false;
    if (action === 'replace_secret')
      await app.handlers['connections.replaceSecret']({
        connectionId: xendit.id,
        secret: simulator.credentials.xendit.secretKey,
        allowInMemory: false,
      });
    if (action === 'unlock_connection')
      await app.handlers['connections.setLocked']({ connectionId: xendit.id, isLocked: false });
    for (const { connectionId, issue } of await app.handlers['rateLimits.list']({}))
      if (issue) await app.handlers['batches.resumeConnection']({ connectionId });
    expect((await waitForBatch(app, id, isFinished)).outcomeCounts).toEqual({ cancelled: 6 });

    /** The plan is created before the problem occurs. */
    async function confirmWithProblem() {
      const { id: planId } = await app.handlers['batches.plan']({ sessionKeys: sessions.map(({ key }) => key) });
      const { digest } = await waitForBatch(app, planId, isInState('planned'));
      if (problem === 'secret deleted')
        for (const account of keychain.entries.keys())
          if (account.includes(xendit.id)) keychain.entries.delete(account);
      if (problem === 'keychain locked') isLocked = true;
      if (problem === 'connection locked')
        await app.handlers['connections.setLocked']({ connectionId: xendit.id, isLocked: true });
      return await app.handlers['batches.confirm']({
        batchId: planId,
        digest: digest ?? '',
        reason,
        typedCount: null,
      });
    }
  });
});

describe('an interrupted batch', () => {
  itAsRoot('full disk: the batch pauses without loss and continues when the disk has space', async () => {
    const dataFolder = createTempFolder();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', dataFolder]);
    onTestFinished(() => void execFileSync('umount', ['-l', dataFolder]));
    const {
      app,
      connections: { xendit },
    } = await setupBatch(simulator, { dataFolder });
    const sessions = await createTrackedSessions(simulator, app, xendit, 60);
    await setRateLimit({ app }, xendit, 100, 4);
    await setCancelLatency(30);
    const { id } = await planAndConfirm(app, sessions);
    await waitForCancelRequests(simulator, 10);
    const { bavail, bsize } = statfsSync(dataFolder);
    const filler = join(dataFolder, 'filler');
    writeFileSync(filler, Buffer.alloc(bavail * bsize));
    const halted = await waitForBatch(app, id, ({ issue }) => issue !== null);
    expect(halted.issue).toMatchObject({ action: 'free_disk' });
    const sentCount = new Set(await receivedCancelIds(simulator)).size;
    expect(sentCount).toBeLessThan(60);
    rmSync(filler);
    await app.handlers['batches.resume']({ batchId: id });
    expect((await waitForBatch(app, id, isFinished)).outcomeCounts).toEqual({ cancelled: 60 });
    for (const session of sessions) expect(await simulator.control('countCancelRequests', session.id)).toBe(1);
    expect(await app.handlers['audit.verify']({})).toMatchObject({ result: 'intact' });
  });

  it('kill during requests: the batch is interrupted, sends nothing twice, and continues on resume', async () => {
    const {
      app,
      dataFolder,
      keychain,
      connections: { xendit },
    } = await setupBatch(simulator);
    const sessions = await createTrackedSessions(simulator, app, xendit, 20);
    await setRateLimit({ app }, xendit, 100, 5);
    await app.close();
    const killedApp = await spawnApp(dataFolder, [...keychain.entries], { startDelayMs: 0 });
    const { id } = await killedApp.call('batches.plan', { sessionKeys: sessions.map(({ key }) => key) });
    const planned = await new Promise<string | null>((resolve, reject) => {
      killedApp.on('batches.changed', ({ rows }) =>
        rows.forEach(({ state, digest }) => state === 'planned' && resolve(digest)),
      );
      killedApp
        .call('batches.get', { batchId: id })
        .then(({ state, digest }) => state === 'planned' && resolve(digest), reject);
    });
    await simulator.control('setFaults', [{ route: 'cancel', fault: 'hang', processed: true, skip: 6 }]);
    await killedApp.call('batches.confirm', { batchId: id, digest: planned ?? '', reason, typedCount: null });
    await waitForCancelRequests(simulator, 11);
    await killedApp.kill();
    await simulator.control('setFaults', []);
    for (const [account, secret] of killedApp.secrets()) keychain.entries.set(account, secret);

    const restartedApp = await openTestApp({ dataFolder, keychain, startDelayMs: 0 });
    onTestFinished(() => restartedApp.close());
    // The requests that were in flight are unknown until they are read back.
    const interrupted = await waitForBatch(
      restartedApp,
      id,
      (batch) => hasNothingInFlight(batch) && batch.outcomeCounts.unknown === undefined,
    );
    expect(interrupted).toMatchObject({ state: 'interrupted', outcomeCounts: { cancelled: 11, waiting: 9 } });
    // The connections on which the batch would continue, with their rate limits.
    expect(interrupted.connections).toEqual([
      {
        connectionId: xendit.id,
        name: xendit.name,
        environment: 'sandbox',
        state: 'waiting',
        remaining: 9,
        inFlight: 0,
        perSecond: 0,
        rateLimit: { perSecond: 100, maxInFlight: 5 },
        allowedPerSecond: 100,
        throttledSeconds: 0,
        issue: null,
      },
    ]);
    expect(await receivedCancelIds(simulator)).toHaveLength(11);
    await restartedApp.handlers['batches.resume']({ batchId: id });
    expect((await waitForBatch(restartedApp, id, isFinished)).outcomeCounts).toEqual({ cancelled: 20 });
    for (const session of sessions) expect(await simulator.control('countCancelRequests', session.id)).toBe(1);
  });

  it('stop during the preparation of a resume: every session has an outcome', async () => {
    const {
      app,
      dataFolder,
      keychain,
      connections: { xendit },
    } = await setupBatch(simulator);
    const sessions = await createTrackedSessions(simulator, app, xendit, 20);
    await setRateLimit({ app }, xendit, 100, 5);
    await simulator.control('setFaults', [
      { route: 'cancel', fault: 'hang' },
      { route: 'read', fault: 'latency', delayMs: 300 },
    ]);
    const { id } = await planAndConfirm(app, sessions);
    await waitForCancelRequests(simulator, 5);
    const startedAt = performance.now();
    await app.close();
    // The app waits for requests without a response only for a limited time.
    expect(performance.now() - startedAt).toBeLessThan(12_000);

    const restartedApp = await openTestApp({ dataFolder, keychain, startDelayMs: 0 });
    onTestFinished(() => restartedApp.close());
    await restartedApp.handlers['batches.resume']({ batchId: id });
    await restartedApp.handlers['batches.stop']({ batchId: id });
    expect((await waitForBatch(restartedApp, id, isInState('stopped'))).outcomeCounts).toEqual({
      still_active: 5,
      not_sent: 15,
    });
    expect(await receivedCancelIds(simulator)).toHaveLength(5);
  });

  it('end of the app: requests in flight are recorded before the app closes', async () => {
    const {
      app,
      dataFolder,
      keychain,
      connections: { xendit },
    } = await setupBatch(simulator);
    const sessions = await createTrackedSessions(simulator, app, xendit, 20);
    await setRateLimit({ app }, xendit, 100, 4);
    await setCancelLatency(400);
    const { id } = await planAndConfirm(app, sessions);
    await waitForCancelRequests(simulator, 3);
    const startedAt = performance.now();
    await app.close();
    expect(performance.now() - startedAt).toBeLessThan(4_000);
    const sent = (await receivedCancelIds(simulator)).length;
    const restartedApp = await openTestApp({ dataFolder, keychain });
    onTestFinished(() => restartedApp.close());
    expect(await restartedApp.handlers['batches.get']({ batchId: id })).toMatchObject({
      state: 'interrupted',
      outcomeCounts: { cancelled: sent, waiting: 20 - sent },
    });
  });
});
