import { execFileSync } from 'node:child_process';
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { AppError } from '../../../src-main/contract/index.ts';
import { createTempFolder, memoryKeychain, openTestApp, reason } from '../../support/app.ts';
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
/** Only root can make a disk that is small enough to be filled; for others this test is not there. */
const itAsRoot: (name: string, test: () => Promise<void>) => void = process.getuid?.() === 0 ? it : () => undefined;

describe('a batch', () => {
  it('that is paused sends nothing more, records what is under way, and goes on to the end when it is resumed', async () => {
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

  it('that is stopped leaves the rest not sent', async () => {
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

  it('that is called off while it is armed sends nothing', async () => {
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

  it('takes a new pace at once, while it runs', async () => {
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

  it('waits for what an operator asks for by hand, and finds that session settled when its turn comes', async () => {
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

  it('shares a connection with another one fairly', async () => {
    const {
      app,
      connections: { xendit },
    } = await setupBatch(simulator);
    const sessions = await createTrackedSessions(simulator, app, xendit, 60);
    await setRateLimit({ app }, xendit, 50, 2);
    const halves = [sessions.slice(0, 30), sessions.slice(30)] as const;
    const both = await Promise.all(halves.map((half) => planAndConfirm(app, half)));
    await Promise.all(both.map(({ id }) => waitForBatch(app, id, isFinished)));
    const own = new Set(halves[0].map(({ id }) => id));
    // Each has at least a third of what was sent while both had something to send.
    const shared = (await receivedCancelIds(simulator)).slice(4, 40).filter((id) => own.has(id)).length;
    expect(shared).toBeGreaterThanOrEqual(12);
    expect(shared).toBeLessThanOrEqual(24);
  });

  it('leaves a connection alone that refuses, says why and what helps, and goes on there when the operator says so', async () => {
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
      message: expect.stringContaining('Xendit ID'),
    });
    await simulator.control('updateConfig', { xendit: { rejection: 'none' } });
    expect(await app.handlers['batches.resumeConnection']({ connectionId: xendit.id })).toMatchObject({
      issue: null,
    });
    const refused = paused.outcomeCounts.refused ?? 0;
    expect((await waitForBatch(app, id, isFinished)).outcomeCounts).toEqual({ cancelled: 16 - refused, refused });
  });

  it('asks for no session that has turned final meanwhile, and finds the state of one that nobody had heard of', async () => {
    const {
      app,
      connections: { xendit },
    } = await setupBatch(simulator, { startDelayMs: 500 });
    const sessions = await createTrackedSessions(simulator, app, xendit, 3);
    const [known, unheard] = sessions;
    if (!known || !unheard) throw new Error('There are too few sessions.');
    await setRateLimit({ app }, xendit, 100, 1);
    const { id } = await planAndConfirm(app, sessions);
    for (const session of [known, unheard]) await simulator.control('setState', session.id, 'completed');
    await app.handlers['sessions.refresh']({ sessionKey: known.key });
    expect((await waitForBatch(app, id, isFinished)).outcomeCounts).toEqual({ cancelled: 1, already_final: 2 });
    const { rows } = await getItems(app, id);
    for (const session of [known, unheard])
      expect(rows.find(({ sessionId }) => sessionId === session.id)).toMatchObject({
        outcome: 'already_final',
        foundStatus: 'completed',
      });
    expect(await simulator.control('countCancelRequests', known.id)).toBe(0);
    expect(await simulator.control('countCancelRequests', unheard.id)).toBe(1);
  });
});

describe('a batch whose connection cannot be used', () => {
  it.each([
    ['its secret is gone', 'replace_secret'],
    ['its keychain is locked', 'unlock_keychain'],
    ['it is locked', 'unlock_connection'],
  ] as const)('goes on at the other ones where %s, and there once it can', async (why, remedy) => {
    const keychain = memoryKeychain();
    const { get } = keychain;
    let isLocked = false;
    keychain.get = (account) =>
      isLocked
        ? Promise.reject(new AppError('keychain_locked', 'The system keychain is locked. Unlock it, then try again.'))
        : get(account);
    const {
      app,
      connections: { xendit, flinks },
    } = await setupBatch(simulator, { keychain });
    const sessions = [
      ...(await createTrackedSessions(simulator, app, xendit, 3)),
      ...(await createTrackedSessions(simulator, app, flinks, 3)),
    ];
    for (const connection of [xendit, flinks]) await setRateLimit({ app }, connection, 100, 2);
    const { id } = await confirmedWhile(why);
    const paused = await waitForBatch(
      app,
      id,
      ({ connections, outcomeCounts }) =>
        connections.some(({ issue }) => issue?.action === remedy) && (isLocked || outcomeCounts.cancelled === 3),
    );
    expect(paused.state).toBe('running');
    expect(paused.outcomeCounts.waiting).toBe(isLocked ? 6 : 3);
    isLocked = false;
    if (remedy === 'replace_secret')
      await app.handlers['connections.replaceSecret']({
        connectionId: xendit.id,
        secret: simulator.credentials.xendit.secretKey,
        allowInMemory: false,
      });
    if (remedy === 'unlock_connection')
      await app.handlers['connections.setLocked']({ connectionId: xendit.id, isLocked: false });
    for (const { connectionId, issue } of await app.handlers['rateLimits.list']({}))
      if (issue) await app.handlers['batches.resumeConnection']({ connectionId });
    expect((await waitForBatch(app, id, isFinished)).outcomeCounts).toEqual({ cancelled: 6 });

    /** The plan is made while all is well. */
    async function confirmedWhile(what: string) {
      const { id: planId } = await app.handlers['batches.plan']({ sessionKeys: sessions.map(({ key }) => key) });
      const { digest } = await waitForBatch(app, planId, isInState('planned'));
      if (what === 'its secret is gone')
        for (const account of keychain.entries.keys())
          if (account.includes(xendit.id)) keychain.entries.delete(account);
      if (what === 'its keychain is locked') isLocked = true;
      if (what === 'it is locked')
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

describe('a batch that is cut off', () => {
  itAsRoot('by a full disk pauses and loses nothing, and goes on once there is room', async () => {
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
    const before = new Set(await receivedCancelIds(simulator)).size;
    expect(before).toBeLessThan(60);
    rmSync(filler);
    await app.handlers['batches.resume']({ batchId: id });
    expect((await waitForBatch(app, id, isFinished)).outcomeCounts).toEqual({ cancelled: 60 });
    for (const session of sessions) expect(await simulator.control('countCancelRequests', session.id)).toBe(1);
    expect(await app.handlers['audit.verify']({})).toMatchObject({ result: 'intact' });
  });

  it('by a kill between sent and answered is interrupted, sends nothing twice, and goes on when the operator says so', async () => {
    const {
      app,
      dataFolder,
      keychain,
      connections: { xendit },
    } = await setupBatch(simulator);
    const sessions = await createTrackedSessions(simulator, app, xendit, 20);
    await setRateLimit({ app }, xendit, 100, 5);
    await app.close();
    const doomed = await spawnApp(dataFolder, [...keychain.entries], { startDelayMs: 0 });
    const { id } = await doomed.call('batches.plan', { sessionKeys: sessions.map(({ key }) => key) });
    const planned = await new Promise<string | null>((resolve, reject) => {
      doomed.on('batches.changed', ({ rows }) =>
        rows.forEach(({ state, digest }) => state === 'planned' && resolve(digest)),
      );
      doomed
        .call('batches.get', { batchId: id })
        .then(({ state, digest }) => state === 'planned' && resolve(digest), reject);
    });
    await simulator.control('setFaults', [{ route: 'cancel', fault: 'hang', processed: true, skip: 6 }]);
    await doomed.call('batches.confirm', { batchId: id, digest: planned ?? '', reason, typedCount: null });
    await waitForCancelRequests(simulator, 11);
    await doomed.kill();
    await simulator.control('setFaults', []);
    for (const [account, secret] of doomed.secrets()) keychain.entries.set(account, secret);

    const after = await openTestApp({ dataFolder, keychain, startDelayMs: 0 });
    onTestFinished(() => after.close());
    // Until it is read back nothing is known of what was under way.
    const interrupted = await waitForBatch(
      after,
      id,
      (batch) => hasNothingInFlight(batch) && batch.outcomeCounts.unknown === undefined,
    );
    expect(interrupted).toMatchObject({ state: 'interrupted', outcomeCounts: { cancelled: 11, waiting: 9 } });
    // Where it would go on, and how fast, before anyone says that it shall.
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
    await after.handlers['batches.resume']({ batchId: id });
    expect((await waitForBatch(after, id, isFinished)).outcomeCounts).toEqual({ cancelled: 20 });
    for (const session of sessions) expect(await simulator.control('countCancelRequests', session.id)).toBe(1);
  });

  it('in the middle of its requests can be stopped while it is being made ready again, and every session has an outcome', async () => {
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
    const began = performance.now();
    await app.close();
    // What nobody answers is waited for, and not for ever.
    expect(performance.now() - began).toBeLessThan(12_000);

    const after = await openTestApp({ dataFolder, keychain, startDelayMs: 0 });
    onTestFinished(() => after.close());
    await after.handlers['batches.resume']({ batchId: id });
    await after.handlers['batches.stop']({ batchId: id });
    expect((await waitForBatch(after, id, isInState('stopped'))).outcomeCounts).toEqual({
      still_active: 5,
      not_sent: 15,
    });
    expect(await receivedCancelIds(simulator)).toHaveLength(5);
  });

  it('by the end of the console has what was under way recorded, within the time that takes', async () => {
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
    const began = performance.now();
    await app.close();
    expect(performance.now() - began).toBeLessThan(4_000);
    const sent = (await receivedCancelIds(simulator)).length;
    const after = await openTestApp({ dataFolder, keychain });
    onTestFinished(() => after.close());
    expect(await after.handlers['batches.get']({ batchId: id })).toMatchObject({
      state: 'interrupted',
      outcomeCounts: { cancelled: sent, waiting: 20 - sent },
    });
  });
});
