import { execFileSync } from 'node:child_process';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { AppError, type Batch } from '../../../src-main/contract/index.ts';
import { createTempFolder, memoryKeychain, openTestApp, reason } from '../../support/app.ts';
import { fakeMessage } from '../../support/fake-messages.ts';
import { spawnApp } from '../../support/spawn-app.ts';
import { spawnSimulator, type SpawnedSimulator } from '../../support/spawn-simulator.ts';
import { executeSql, isInState, getItems, waitForBatch } from './plan-fixtures.ts';
import {
  holdCancelResponses,
  receivedCancelIds,
  releaseResponses,
  planAndConfirm,
  isFinished,
  setupBatch,
  waitForCancelRequests,
  setRateLimit,
  hasNothingInFlight,
  createTrackedSessions,
} from './batch-fixtures.ts';
import { nonEmpty } from '../../support/non-empty.ts';

let simulator: SpawnedSimulator;
beforeAll(async () => {
  simulator = await spawnSimulator({ sessionCount: 20 });
});
beforeEach(async () => {
  await simulator.reset();
  await simulator.control('updateConfig', { xendit: { maxRequestsPerMinute: 1_000_000 } });
});
afterAll(() => simulator.stop());

/** Only root can mount the small file system of this test; for other users the test is not defined. */
const itAsRoot: (name: string, test: () => Promise<void>) => void = process.getuid?.() === 0 ? it : () => undefined;

/** Writes to the file until the disk has no space left. */
function fillDisk(file: string): void {
  const descriptor = openSync(file, 'w');
  try {
    // The last bytes are written one by one, because a larger write can fail although some space is left.
    for (let chunk = Buffer.alloc(2 ** 16); ;) {
      try {
        writeSync(descriptor, chunk);
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
        if (chunk.length === 1) return;
        chunk = chunk.subarray(0, chunk.length / 2);
      }
    }
  } finally {
    closeSync(descriptor);
  }
}

describe('a running batch', () => {
  it('pause: sends nothing more and records requests in flight; resume continues to the end', async () => {
    const {
      app,
      connections: { xendit },
    } = await setupBatch(simulator);
    const sessions = await createTrackedSessions(simulator, app, xendit, 12);
    await setRateLimit({ app }, xendit, 100, 3);
    await holdCancelResponses(simulator);
    const { id } = await planAndConfirm(app, sessions);
    await waitForCancelRequests(simulator, 3);
    expect(await app.handlers['batches.pause']({ batchId: id })).toMatchObject({ state: 'paused' });
    await releaseResponses(simulator);
    const paused = await waitForBatch(app, id, hasNothingInFlight);
    expect(paused.outcomeCounts).toEqual({ cancelled: 3, waiting: 9 });
    expect(await receivedCancelIds(simulator)).toHaveLength(3);
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
    await holdCancelResponses(simulator);
    const { id } = await planAndConfirm(app, sessions);
    await waitForCancelRequests(simulator, 2);
    await app.handlers['batches.stop']({ batchId: id });
    await releaseResponses(simulator);
    const { outcomeCounts } = await waitForBatch(app, id, isInState('stopped'));
    expect(outcomeCounts).toEqual({ cancelled: 2, not_sent: 10 });
    expect(await receivedCancelIds(simulator)).toHaveLength(2);
    expect((await getItems(app, id, { filter: { outcomes: ['not_sent'] } })).rows).toEqual(
      expect.arrayContaining([expect.objectContaining({ cause: 'stopped_before_sending', cancellationId: null })]),
    );
  });

  it('abort: an armed batch sends nothing', async () => {
    const {
      app,
      connections: { xendit },
    } = await setupBatch(simulator, { startDelayMs: 60_000 });
    const { id, state, startsAt } = await planAndConfirm(app, await createTrackedSessions(simulator, app, xendit, 5));
    expect([state, startsAt]).toEqual(['armed', expect.any(String)]);
    expect(await app.handlers['batches.abort']({ batchId: id })).toMatchObject({
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
    await setRateLimit({ app }, xendit, 100, 1);
    await holdCancelResponses(simulator, 1);
    const { id } = await planAndConfirm(app, sessions);
    await waitForCancelRequests(simulator, 1);
    const [first] = await receivedCancelIds(simulator);
    const other = sessions.find((session) => session.id !== first);
    expect(await app.handlers['cancellations.request']({ sessionKey: other?.key ?? 0, reason })).toMatchObject({
      state: 'cancelled',
    });
    await releaseResponses(simulator);
    expect((await waitForBatch(app, id, isFinished)).outcomeCounts).toEqual({ cancelled: 2, already_final: 1 });
    expect((await receivedCancelIds(simulator)).slice(0, 2)).toEqual([first, other?.id]);
  });

  it('two batches: share the rate limit of a connection fairly', async () => {
    const {
      app,
      connections: { xendit },
    } = await setupBatch(simulator);
    const sessions = await createTrackedSessions(simulator, app, xendit, 60);
    await setRateLimit({ app }, xendit, 100, 2);
    const sessionHalves = [sessions.slice(0, 30), sessions.slice(30)] as const;
    await holdCancelResponses(simulator);
    const batches = await Promise.all(sessionHalves.map((half) => planAndConfirm(app, half)));
    await waitForCancelRequests(simulator, 2);
    const hasActiveItems = ({ connections }: Batch) => connections.some(({ state }) => state === 'running');
    await Promise.all(batches.map(({ id }) => waitForBatch(app, id, hasActiveItems)));
    await releaseResponses(simulator);
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
    const finished = await waitForBatch(app, id, isFinished);
    const refused = (await simulator.readLog()).filter(
      (record) => record.kind === 'cancel_answered' && record.status === 403,
    ).length;
    // The third request may have been prepared before the second refusal was recorded.
    expect([2, 3]).toContain(refused);
    expect(finished.outcomeCounts).toEqual({ cancelled: 16 - refused, refused });
  });

  it('final sessions: a known one is skipped, and an unknown one is found by the cancel request', async () => {
    const {
      app,
      connections: { xendit },
    } = await setupBatch(simulator);
    // The batch begins with the newest session, whose response is held while the two oldest ones change.
    const sessions = await createTrackedSessions(simulator, app, xendit, 3);
    const [known, unreported] = sessions;
    if (!known || !unreported) throw new Error('The simulator created too few sessions.');
    await setRateLimit({ app }, xendit, 100, 1);
    await holdCancelResponses(simulator, 1);
    const { id } = await planAndConfirm(app, sessions);
    await waitForCancelRequests(simulator, 1);
    for (const session of [known, unreported]) await simulator.control('setState', session.id, 'completed');
    await app.handlers['sessions.refresh']({ sessionKey: known.key });
    await releaseResponses(simulator);
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
    const sessions = await createTrackedSessions(simulator, app, xendit, 20);
    await setRateLimit({ app }, xendit, 100, 4);
    await holdCancelResponses(simulator);
    // With an empty write-ahead log, each later write needs more space.
    executeSql(dataFolder, 'PRAGMA wal_checkpoint(TRUNCATE)');
    const { id } = await planAndConfirm(app, sessions);
    await waitForCancelRequests(simulator, 4);
    const filler = join(dataFolder, 'filler');
    fillDisk(filler);
    await releaseResponses(simulator);
    const halted = await waitForBatch(app, id, ({ issue }) => issue !== null);
    expect(halted.issue).toMatchObject({ action: 'free_disk' });
    expect(halted.outcomeCounts).toEqual({ sent: 4, waiting: 16 });
    expect(await receivedCancelIds(simulator)).toHaveLength(4);
    rmSync(filler);
    await app.handlers['batches.resume']({ batchId: id });
    expect((await waitForBatch(app, id, isFinished)).outcomeCounts).toEqual({ cancelled: 20 });
    for (const session of nonEmpty(sessions))
      expect(await simulator.control('countCancelRequests', session.id)).toBe(1);
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
    await simulator.control('setFaults', [{ route: 'read', fault: 'latency', delayMs: 600_000 }]);
    for (const [account, secret] of killedApp.secrets()) keychain.entries.set(account, secret);

    const restartedApp = await openTestApp({ dataFolder, keychain, startDelayMs: 0 });
    onTestFinished(() => restartedApp.close());
    // The requests that were in flight are unknown until they are read back, four at a time.
    const readOutcomeCounts = async () => (await restartedApp.handlers['batches.get']({ batchId: id })).outcomeCounts;
    await expect.poll(readOutcomeCounts).toMatchObject({ unknown: 4, waiting: 9 });
    // The batch is published after that.
    const recovering = waitForBatch(
      restartedApp,
      id,
      (batch) => hasNothingInFlight(batch) && batch.outcomeCounts.unknown === undefined,
    );
    await releaseResponses(simulator);
    const interrupted = await recovering;
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
    for (const session of nonEmpty(sessions))
      expect(await simulator.control('countCancelRequests', session.id)).toBe(1);
  });

  it('stop during the preparation of a resume: every session has an outcome', async () => {
    const {
      app,
      dataFolder,
      keychain,
      connections: { xendit },
    } = await setupBatch(simulator, { closeTimeoutMs: 50 });
    const sessions = await createTrackedSessions(simulator, app, xendit, 20);
    await setRateLimit({ app }, xendit, 100, 5);
    await simulator.control('setFaults', [
      { route: 'cancel', fault: 'hang' },
      { route: 'read', fault: 'latency', delayMs: 600_000 },
    ]);
    const { id } = await planAndConfirm(app, sessions);
    await waitForCancelRequests(simulator, 5);
    // The app waits for requests without a response only for the close timeout.
    await app.close();

    const restartedApp = await openTestApp({ dataFolder, keychain, startDelayMs: 0 });
    onTestFinished(() => restartedApp.close());
    await restartedApp.handlers['batches.resume']({ batchId: id });
    await restartedApp.handlers['batches.stop']({ batchId: id });
    await releaseResponses(simulator);
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
    await holdCancelResponses(simulator);
    const { id } = await planAndConfirm(app, sessions);
    await waitForCancelRequests(simulator, 4);
    // The batch cannot end before the app closes: after at most one more request, the next one waits for ten seconds.
    await setRateLimit({ app }, xendit, 0.1, 4);
    const closing = app.close();
    await releaseResponses(simulator);
    await closing;
    const sent = (await receivedCancelIds(simulator)).length;
    const restartedApp = await openTestApp({ dataFolder, keychain });
    onTestFinished(() => restartedApp.close());
    expect(await restartedApp.handlers['batches.get']({ batchId: id })).toMatchObject({
      state: 'interrupted',
      outcomeCounts: { cancelled: sent, waiting: 20 - sent },
    });
  });
});
