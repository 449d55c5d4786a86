import { execFileSync } from 'node:child_process';
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { DeskError } from '../../../src-main/contract/index.ts';
import { freshFolder, memoryKeychain, openTestDesk, reason } from '../../support/app.ts';
import { spawnDesk } from '../../support/spawn-app.ts';
import { spawnSimulator, type SpawnedSimulator } from '../../support/spawn-simulator.ts';
import { inState, items, until } from './plan-fixtures.ts';
import { asked, confirmed, finished, floor, reached, setPace, still, tracked } from './batch-fixtures.ts';

let simulator: SpawnedSimulator;
beforeEach(async () => {
  simulator = await spawnSimulator({ sessions: 20 });
  await simulator.control('setSwitches', { xendit: { limitPerMinute: 1_000_000 } });
});
afterEach(() => simulator.stop());

const latency = (delayMs: number) => simulator.control('setFaults', [{ route: 'cancel', fault: 'latency', delayMs }]);
/** Only root can make a disk that is small enough to be filled; for others this test is not there. */
const onlyRoot: (name: string, test: () => Promise<void>) => void = process.getuid?.() === 0 ? it : () => undefined;

describe('a batch', () => {
  it('that is paused sends nothing more, records what is under way, and goes on to the end when it is resumed', async () => {
    const {
      desk,
      connections: { xendit },
    } = await floor(simulator);
    const sessions = await tracked(simulator, desk, xendit, 12);
    await setPace({ desk }, xendit, 100, 3);
    await latency(250);
    const { id } = await confirmed(desk, sessions);
    await reached(simulator, 4);
    expect(await desk.handlers['batches.pause']({ batchId: id })).toMatchObject({ state: 'paused' });
    const paused = await until(desk, id, still);
    const before = (await asked(simulator)).length;
    expect(before).toBeLessThanOrEqual(6);
    expect(paused.outcomes).toEqual({ cancelled: before, waiting: 12 - before });
    await desk.handlers['batches.resume']({ batchId: id });
    expect((await until(desk, id, finished)).outcomes).toEqual({ cancelled: 12 });
    expect((await asked(simulator)).toSorted()).toEqual(sessions.map((session) => session.id).toSorted());
  });

  it('that is stopped leaves the rest not sent', async () => {
    const {
      desk,
      connections: { xendit },
    } = await floor(simulator);
    const sessions = await tracked(simulator, desk, xendit, 12);
    await setPace({ desk }, xendit, 100, 2);
    await latency(200);
    const { id } = await confirmed(desk, sessions);
    await reached(simulator, 3);
    await desk.handlers['batches.stop']({ batchId: id });
    const { outcomes } = await until(desk, id, inState('stopped'));
    const sent = (await asked(simulator)).length;
    expect(outcomes).toEqual({ cancelled: sent, not_sent: 12 - sent });
    expect((await items(desk, id, { filter: { outcomes: ['not_sent'] } })).rows).toEqual(
      expect.arrayContaining([expect.objectContaining({ cause: 'stopped_before_sending', cancellationId: null })]),
    );
  });

  it('that is called off while it is armed sends nothing', async () => {
    const {
      desk,
      connections: { xendit },
    } = await floor(simulator, { armedMs: 60_000 });
    const { id, state, startsAt } = await confirmed(desk, await tracked(simulator, desk, xendit, 5));
    expect([state, startsAt]).toEqual(['armed', expect.any(String)]);
    expect(await desk.handlers['batches.callOff']({ batchId: id })).toMatchObject({
      state: 'called_off',
      outcomes: { not_sent: 5 },
    });
    expect(await asked(simulator)).toEqual([]);
    await expect(desk.handlers['batches.resume']({ batchId: id })).rejects.toMatchObject({ code: 'batch_refused' });
  });

  it('takes a new pace at once, while it runs', async () => {
    const {
      desk,
      connections: { xendit },
    } = await floor(simulator);
    const sessions = await tracked(simulator, desk, xendit, 40);
    await setPace({ desk }, xendit, 0.1, 1);
    const { id } = await confirmed(desk, sessions);
    await reached(simulator, 1);
    await setPace({ desk }, xendit, 200, 8);
    expect((await until(desk, id, finished)).outcomes).toEqual({ cancelled: 40 });
  });

  it('waits for what an operator asks for by hand, and finds that session settled when its turn comes', async () => {
    const {
      desk,
      connections: { xendit },
    } = await floor(simulator);
    const sessions = await tracked(simulator, desk, xendit, 3);
    await setPace({ desk }, xendit, 0.1, 1);
    const { id } = await confirmed(desk, sessions);
    await reached(simulator, 1);
    const [first] = await asked(simulator);
    const other = sessions.find((session) => session.id !== first);
    expect(await desk.handlers['cancellations.request']({ sessionKey: other?.key ?? 0, reason })).toMatchObject({
      state: 'cancelled',
    });
    await setPace({ desk }, xendit, 200, 4);
    expect((await until(desk, id, finished)).outcomes).toEqual({ cancelled: 2, already_final: 1 });
    expect((await asked(simulator)).slice(0, 2)).toEqual([first, other?.id]);
  });

  it('shares a connection with another one fairly', async () => {
    const {
      desk,
      connections: { xendit },
    } = await floor(simulator);
    const sessions = await tracked(simulator, desk, xendit, 60);
    await setPace({ desk }, xendit, 50, 2);
    const halves = [sessions.slice(0, 30), sessions.slice(30)] as const;
    const both = await Promise.all(halves.map((half) => confirmed(desk, half)));
    await Promise.all(both.map(({ id }) => until(desk, id, finished)));
    const own = new Set(halves[0].map(({ id }) => id));
    // Each has at least a third of what was sent while both had something to send.
    const shared = (await asked(simulator)).slice(4, 40).filter((id) => own.has(id)).length;
    expect(shared).toBeGreaterThanOrEqual(12);
    expect(shared).toBeLessThanOrEqual(24);
  });

  it('leaves a connection alone that refuses, says why and what helps, and goes on there when the operator says so', async () => {
    const {
      desk,
      connections: { xendit, flinks },
    } = await floor(simulator);
    const sessions = [...(await tracked(simulator, desk, xendit, 12)), ...(await tracked(simulator, desk, flinks, 4))];
    await setPace({ desk }, xendit, 100, 1);
    await setPace({ desk }, flinks, 100, 1);
    await simulator.control('setSwitches', { xendit: { refuses: 'key_cannot_write' } });
    const { id } = await confirmed(desk, sessions);
    const paused = await until(
      desk,
      id,
      ({ lanes, outcomes }) => outcomes.cancelled === 4 && lanes.some(({ state }) => state === 'paused'),
    );
    expect(paused.outcomes.refused).toBeLessThanOrEqual(3);
    expect(paused).toMatchObject({ state: 'running', trouble: null });
    expect(paused.lanes.find(({ connectionId }) => connectionId === xendit.id)?.trouble).toMatchObject({
      remedy: 'replace_secret',
      message: expect.stringContaining('Xendit ID'),
    });
    await simulator.control('setSwitches', { xendit: { refuses: 'nothing' } });
    expect(await desk.handlers['batches.resumeConnection']({ connectionId: xendit.id })).toMatchObject({
      trouble: null,
    });
    const refused = paused.outcomes.refused ?? 0;
    expect((await until(desk, id, finished)).outcomes).toEqual({ cancelled: 16 - refused, refused });
  });

  it('asks for no session that has turned final meanwhile, and finds the state of one that nobody had heard of', async () => {
    const {
      desk,
      connections: { xendit },
    } = await floor(simulator, { armedMs: 500 });
    const sessions = await tracked(simulator, desk, xendit, 3);
    const [known, unheard] = sessions;
    if (!known || !unheard) throw new Error('There are too few sessions.');
    await setPace({ desk }, xendit, 100, 1);
    const { id } = await confirmed(desk, sessions);
    for (const session of [known, unheard]) await simulator.control('setState', session.id, 'completed');
    await desk.handlers['sessions.refresh']({ sessionKey: known.key });
    expect((await until(desk, id, finished)).outcomes).toEqual({ cancelled: 1, already_final: 2 });
    const { rows } = await items(desk, id);
    for (const session of [known, unheard])
      expect(rows.find(({ sessionId }) => sessionId === session.id)).toMatchObject({
        outcome: 'already_final',
        foundStatus: 'completed',
      });
    expect(await simulator.control('cancelRequests', known.id)).toBe(0);
    expect(await simulator.control('cancelRequests', unheard.id)).toBe(1);
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
        ? Promise.reject(new DeskError('keychain_locked', 'The system keychain is locked. Unlock it, then try again.'))
        : get(account);
    const {
      desk,
      connections: { xendit, flinks },
    } = await floor(simulator, { keychain });
    const sessions = [...(await tracked(simulator, desk, xendit, 3)), ...(await tracked(simulator, desk, flinks, 3))];
    for (const connection of [xendit, flinks]) await setPace({ desk }, connection, 100, 2);
    const { id } = await confirmedWhile(why);
    const paused = await until(
      desk,
      id,
      ({ lanes, outcomes }) =>
        lanes.some(({ trouble }) => trouble?.remedy === remedy) && (isLocked || outcomes.cancelled === 3),
    );
    expect(paused.state).toBe('running');
    expect(paused.outcomes.waiting).toBe(isLocked ? 6 : 3);
    isLocked = false;
    if (remedy === 'replace_secret')
      await desk.handlers['connections.replaceSecret']({
        connectionId: xendit.id,
        secret: simulator.credentials.xendit.secretKey,
        keepForThisRun: false,
      });
    if (remedy === 'unlock_connection')
      await desk.handlers['connections.setLocked']({ connectionId: xendit.id, locked: false });
    for (const { connectionId, trouble } of await desk.handlers['pace.list']({}))
      if (trouble) await desk.handlers['batches.resumeConnection']({ connectionId });
    expect((await until(desk, id, finished)).outcomes).toEqual({ cancelled: 6 });

    /** The plan is made while all is well. */
    async function confirmedWhile(what: string) {
      const { id: planId } = await desk.handlers['batches.plan']({ sessionKeys: sessions.map(({ key }) => key) });
      const { digest } = await until(desk, planId, inState('planned'));
      if (what === 'its secret is gone')
        for (const account of keychain.entries.keys())
          if (account.includes(xendit.id)) keychain.entries.delete(account);
      if (what === 'its keychain is locked') isLocked = true;
      if (what === 'it is locked')
        await desk.handlers['connections.setLocked']({ connectionId: xendit.id, locked: true });
      return await desk.handlers['batches.confirm']({
        batchId: planId,
        digest: digest ?? '',
        reason,
        typedCount: null,
      });
    }
  });
});

describe('a batch that is cut off', () => {
  onlyRoot('by a full disk pauses and loses nothing, and goes on once there is room', async () => {
    const dataFolder = freshFolder();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', dataFolder]);
    onTestFinished(() => void execFileSync('umount', ['-l', dataFolder]));
    const {
      desk,
      connections: { xendit },
    } = await floor(simulator, { dataFolder });
    const sessions = await tracked(simulator, desk, xendit, 60);
    await setPace({ desk }, xendit, 100, 4);
    await latency(30);
    const { id } = await confirmed(desk, sessions);
    await reached(simulator, 10);
    const { bavail, bsize } = statfsSync(dataFolder);
    const filler = join(dataFolder, 'filler');
    writeFileSync(filler, Buffer.alloc(bavail * bsize));
    const halted = await until(desk, id, ({ trouble }) => trouble !== null);
    expect(halted.trouble).toMatchObject({ remedy: 'free_disk' });
    const before = new Set(await asked(simulator)).size;
    expect(before).toBeLessThan(60);
    rmSync(filler);
    await desk.handlers['batches.resume']({ batchId: id });
    expect((await until(desk, id, finished)).outcomes).toEqual({ cancelled: 60 });
    for (const session of sessions) expect(await simulator.control('cancelRequests', session.id)).toBe(1);
    expect(await desk.handlers['audit.verify']({})).toMatchObject({ verdict: 'intact' });
  });

  it('by a kill between sent and answered is interrupted, sends nothing twice, and goes on when the operator says so', async () => {
    const {
      desk,
      dataFolder,
      keychain,
      connections: { xendit },
    } = await floor(simulator);
    const sessions = await tracked(simulator, desk, xendit, 20);
    await setPace({ desk }, xendit, 100, 5);
    await desk.close();
    const doomed = await spawnDesk(dataFolder, [...keychain.entries], { armedMs: 0 });
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
    await reached(simulator, 11);
    await doomed.kill();
    await simulator.control('setFaults', []);
    for (const [account, secret] of doomed.secrets()) keychain.entries.set(account, secret);

    const after = await openTestDesk({ dataFolder, keychain, armedMs: 0 });
    onTestFinished(() => after.close());
    // Until it is read back nothing is known of what was under way.
    const interrupted = await until(after, id, (batch) => still(batch) && batch.outcomes.unknown === undefined);
    expect(interrupted).toMatchObject({ state: 'interrupted', outcomes: { cancelled: 11, waiting: 9 } });
    // Where it would go on, and how fast, before anyone says that it shall.
    expect(interrupted.lanes).toEqual([
      {
        connectionId: xendit.id,
        name: xendit.name,
        environment: 'sandbox',
        state: 'waiting',
        left: 9,
        inFlight: 0,
        perSecond: 0,
        pace: { perSecond: 100, inFlight: 5 },
        allowedPerSecond: 100,
        heldSeconds: 0,
        trouble: null,
      },
    ]);
    expect(await asked(simulator)).toHaveLength(11);
    await after.handlers['batches.resume']({ batchId: id });
    expect((await until(after, id, finished)).outcomes).toEqual({ cancelled: 20 });
    for (const session of sessions) expect(await simulator.control('cancelRequests', session.id)).toBe(1);
  });

  it('in the middle of its requests can be stopped while it is being made ready again, and every session has an outcome', async () => {
    const {
      desk,
      dataFolder,
      keychain,
      connections: { xendit },
    } = await floor(simulator);
    const sessions = await tracked(simulator, desk, xendit, 20);
    await setPace({ desk }, xendit, 100, 5);
    await simulator.control('setFaults', [
      { route: 'cancel', fault: 'hang' },
      { route: 'read', fault: 'latency', delayMs: 300 },
    ]);
    const { id } = await confirmed(desk, sessions);
    await reached(simulator, 5);
    const began = performance.now();
    await desk.close();
    // What nobody answers is waited for, and not for ever.
    expect(performance.now() - began).toBeLessThan(12_000);

    const after = await openTestDesk({ dataFolder, keychain, armedMs: 0 });
    onTestFinished(() => after.close());
    await after.handlers['batches.resume']({ batchId: id });
    await after.handlers['batches.stop']({ batchId: id });
    expect((await until(after, id, inState('stopped'))).outcomes).toEqual({ still_active: 5, not_sent: 15 });
    expect(await asked(simulator)).toHaveLength(5);
  });

  it('by the end of the console has what was under way recorded, within the time that takes', async () => {
    const {
      desk,
      dataFolder,
      keychain,
      connections: { xendit },
    } = await floor(simulator);
    const sessions = await tracked(simulator, desk, xendit, 20);
    await setPace({ desk }, xendit, 100, 4);
    await latency(400);
    const { id } = await confirmed(desk, sessions);
    await reached(simulator, 3);
    const began = performance.now();
    await desk.close();
    expect(performance.now() - began).toBeLessThan(4_000);
    const sent = (await asked(simulator)).length;
    const after = await openTestDesk({ dataFolder, keychain });
    onTestFinished(() => after.close());
    expect(await after.handlers['batches.get']({ batchId: id })).toMatchObject({
      state: 'interrupted',
      outcomes: { cancelled: sent, waiting: 20 - sent },
    });
  });
});
