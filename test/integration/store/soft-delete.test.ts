import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Removal } from '../../../src-main/contract/index.ts';
import { Removals } from '../../../src-main/core/maintenance/index.ts';
import { sessionPageInput } from '../../support/app.ts';
import {
  RemovalFixture,
  cutoff,
  recently,
  longAgo,
  removalRecord,
  arbitrarySessions,
  type SessionSpec,
} from './soft-delete-fixtures.ts';

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));

const oldSession = (id: string, changes: Partial<SessionSpec> = {}): SessionSpec => ({
  connectionId: 'c1',
  id,
  reference: `Order ${id}`,
  note: null,
  status: 'cancelled',
  firstSeenAt: longAgo,
  lastCheckedAt: null,
  isWatched: false,
  notes: [],
  cancellations: [],
  ...changes,
});
/** It has the newest key and the newest event, so that all others may go. */
const newestSession = oldSession('the newest', { status: 'active', firstSeenAt: recently });

it(`what was removed and brought back is as it was, row by row, wherever it was cut off (seed ${seed})`, async () => {
  const slices = fc.record({
    limit: fc.integer({ min: 1, max: 5 }),
    before: fc.integer({ min: 0, max: 4 }),
    reopen: fc.boolean(),
  });
  let removed = 0;
  await fc.assert(
    fc.asyncProperty(
      arbitrarySessions,
      arbitrarySessions,
      slices,
      slices,
      async (made, meanwhile, removing, undoing) => {
        const bench = await RemovalFixture.create(made);
        const before = bench.dump();
        const pages = await readAllPages(bench);
        // Cut off after some slices, or carried on after another start.
        let gone = await bench.remove(removing.limit, removing.before);
        if (removing.reopen) await bench.reopen();
        else gone += await bench.remove(removing.limit);
        removed += gone;
        bench.assertConsistent();
        expect(bench.dump()['sessions']).toHaveLength(made.length - gone);
        // New ones come, with keys of their own.
        const added = meanwhile.map((each) => ({ ...each, id: `new ${each.id}` }));
        const { last } =
          bench.withDatabase((database) => database.prepare('SELECT max(key) AS last FROM sessions').get()) ?? {};
        bench.addSessions(added);
        let back = await bench.undo(undoing.limit, undoing.before);
        if (undoing.reopen) await bench.reopen();
        bench.assertConsistent();
        const rest = await bench.undo(undoing.limit);
        back = {
          restored: back.restored + rest.restored,
          merged: back.merged + rest.merged,
          lost: back.lost + rest.lost,
        };
        expect(back).toEqual({ restored: gone, merged: 0, lost: 0 });
        bench.assertConsistent();
        bench.withDatabase((database) => {
          const keys = `(SELECT key FROM sessions WHERE key > ${Number(last)})`;
          for (const table of ['session_events', 'cancellations', 'watched_sessions'])
            database.exec(`DELETE FROM ${table} WHERE session_key IN ${keys}`);
          expect(Number(database.prepare(`DELETE FROM sessions WHERE key > ${Number(last)}`).run().changes)).toBe(
            added.length,
          );
        });
        expect(bench.dump()).toEqual(before);
        expect(await readAllPages(bench)).toEqual(pages);
        expect(await bench.store.run('retainedRemovals', longAgo)).toEqual([]);
        await bench.store.close();
      },
    ),
    { numRuns: 15, seed },
  );
  expect(removed).toBeGreaterThan(10);
}, 120_000);

async function readAllPages({ store }: RemovalFixture): Promise<unknown> {
  const searches = ['', 'Order', 'null', '😀'].map((search) => store.run('sessionPage', sessionPageInput({ search })));
  return [...(await Promise.all(searches)), await store.run('countGroups', { ...sessionPageInput(), after: 0 })];
}

describe('a removal', () => {
  it('of which a slice fails keeps what is in that slice, and so does its undo', async () => {
    const bench = await RemovalFixture.create([
      ...Array.from({ length: 9 }, (_, at) =>
        oldSession(`s${at}`, { cancellations: ['cancelled'], notes: ['x'], isWatched: true }),
      ),
      newestSession,
    ]);
    const before = bench.dump();
    bench.withDatabase((database) =>
      database.exec(
        "CREATE TRIGGER fault BEFORE DELETE ON sessions WHEN old.key = 5 BEGIN SELECT RAISE(ABORT, 'a fault'); END",
      ),
    );
    await expect(bench.remove(3)).rejects.toThrow('a fault');
    bench.assertConsistent();
    expect(bench.dump()['sessions']).toHaveLength(7);
    bench.withDatabase((database) =>
      database.exec(`DROP TRIGGER fault;
      CREATE TRIGGER fault BEFORE INSERT ON watched_sessions WHEN new.session_key = 2 BEGIN SELECT RAISE(ABORT, 'a fault'); END`),
    );
    await expect(bench.undo(2)).rejects.toThrow('a fault');
    bench.assertConsistent();
    expect(bench.dump()['sessions']).toHaveLength(7);
    bench.withDatabase((database) => database.exec('DROP TRIGGER fault'));
    expect(await bench.undo(2)).toEqual({ restored: 3, merged: 0, lost: 0 });
    expect(bench.dump()).toEqual(before);
  });

  it('leaves no key to be given again, neither of a session nor of an event', async () => {
    const bench = await RemovalFixture.create([
      oldSession('a'),
      oldSession('the last event', { notes: ['x'] }),
      oldSession('b'),
      { ...newestSession, status: 'expired', firstSeenAt: longAgo },
    ]);
    bench.withDatabase((database) => database.exec("UPDATE session_events SET key = 100 WHERE kind = 'note'"));
    expect(await bench.remove(500)).toBe(2);
    expect((bench.dump()['sessions'] as SessionSpec[]).map(({ id }) => id)).toEqual(['the last event', 'the newest']);
    bench.addSessions([newestSession, oldSession('c')].map((each) => ({ ...each, id: `${each.id} again` })));
    expect(await bench.undo(500)).toEqual({ restored: 2, merged: 0, lost: 0 });
    bench.assertConsistent();
  });

  it('and its undo are on record, each slice with its count and the day', async () => {
    const bench = await RemovalFixture.create([oldSession('a'), oldSession('b'), oldSession('c'), newestSession]);
    await bench.remove(2);
    bench.addSessions([oldSession('a', { note: 'anew' })]);
    await bench.undo(2);
    const { rows } = await bench.store.run('auditPage', { before: null, limit: 4 });
    expect(rows.map(({ action, detail, operator }) => [action, detail, operator]).reverse()).toEqual([
      ['sessions_removed', `2 sessions not heard of since ${cutoff}`, 'olivia'],
      ['sessions_removed', `1 sessions not heard of since ${cutoff}`, 'olivia'],
      [
        'sessions_restored',
        '1 sessions removed on 2026-11-21 are back; 1 had been tracked anew and have their earlier timeline again',
        'olivia',
      ],
      ['sessions_restored', '1 sessions removed on 2026-11-21 are back', 'olivia'],
    ]);
  });
});

describe('an undo', () => {
  it('lets a session that was tracked anew stay as it is, and gives it its earlier timeline, cancellations and note', async () => {
    const bench = await RemovalFixture.create([
      oldSession('a', { note: 'ticket 8812', notes: ['ticket 8812'], cancellations: ['cancelled'] }),
      oldSession('b', { note: 'old words' }),
      newestSession,
    ]);
    await bench.remove(500);
    bench.addSessions([
      oldSession('a', { status: 'active', firstSeenAt: recently, lastCheckedAt: recently, reference: 'Order-9' }),
      oldSession('b', { note: 'new words', firstSeenAt: recently }),
    ]);
    expect(await bench.undo(500)).toEqual({ restored: 0, merged: 2, lost: 0 });
    bench.assertConsistent();
    const [, a, b] = bench.dump()['sessions'] as Record<string, unknown>[];
    expect(a).toMatchObject({
      key: 4,
      id: 'a',
      status: 'active',
      reference: 'Order-9',
      last_checked_at: recently,
      first_seen_at: longAgo,
      note: 'ticket 8812',
    });
    expect(b).toMatchObject({ key: 5, id: 'b', note: 'new words' });
    const events = await bench.store.run('sessionEvents', 4);
    expect(events.map(({ kind, at }) => [kind, at])).toEqual([
      ['tracked', recently],
      ['note', longAgo],
      ['tracked', longAgo],
    ]);
    expect(await bench.store.run('cancellationsOf', 4)).toMatchObject([{ state: 'cancelled', sessionKey: 4 }]);
  });

  it('says how many cannot come back because their connection was removed, and brings the others', async () => {
    const bench = await RemovalFixture.create([
      oldSession('a'),
      oldSession('b', { connectionId: 'c2' }),
      oldSession('c', { connectionId: 'c2', cancellations: ['cancelled'] }),
      newestSession,
    ]);
    await bench.remove(500);
    await bench.store.run('deleteConnection', { id: 'c2', audit: { action: 'connection_removed' } });
    expect(await bench.undo(1)).toEqual({ restored: 1, merged: 0, lost: 2 });
    bench.assertConsistent();
    expect(await bench.store.run('retainedRemovals', longAgo)).toEqual([]);
  });

  it('of what was kept before a column was added gives that column its default', async () => {
    const bench = await RemovalFixture.create([oldSession('a', { cancellations: ['cancelled'] }), newestSession]);
    await bench.remove(500);
    bench.withDatabase((database) =>
      database.exec(
        "ALTER TABLE sessions ADD COLUMN mood TEXT NOT NULL DEFAULT 'fine'; ALTER TABLE session_events ADD COLUMN weight INTEGER NOT NULL DEFAULT 3",
      ),
    );
    await bench.reopen();
    expect(await bench.undo(500)).toEqual({ restored: 1, merged: 0, lost: 0 });
    expect(bench.dump()['sessions']).toMatchObject([{ id: 'a', mood: 'fine' }, {}]);
  });
});

it('what is kept no longer is forgotten in slices, oldest removal first, and a younger removal stays', async () => {
  const bench = await RemovalFixture.create([
    oldSession('a'),
    oldSession('b'),
    oldSession('c'),
    oldSession('d', { firstSeenAt: '2026-07-01T00:00:00.000Z' }),
    newestSession,
  ]);
  await bench.remove(500);
  const later = { id: '40000000-0000-4000-8000-000000000002', at: '2026-11-22T14:05:00.000Z' };
  expect(await bench.store.run('removeOldSessions', { ...later, before: '2026-08-01T00:00:00.000Z', limit: 500 })).toBe(
    1,
  );
  const removedUntil = removalRecord.at;
  expect(await bench.store.run('purgeRemoved', { removedUntil: '2026-11-21T14:04:59.999Z', limit: 500 })).toBe(0);
  expect(await bench.store.run('purgeRemoved', { removedUntil, limit: 2 })).toBe(2);
  bench.assertConsistent();
  expect(await bench.store.run('purgeRemoved', { removedUntil, limit: 2 })).toBe(1);
  expect(await bench.store.run('purgeRemoved', { removedUntil, limit: 2 })).toBe(0);
  expect(await bench.store.run('retainedRemovals', longAgo)).toEqual([{ ...later, operator: 'olivia', sessions: 1 }]);
  expect(await bench.store.run('restoreSessions', { id: removalRecord.id, limit: 500 })).toBeNull();
  bench.assertConsistent();
});

/** The removals of a console that ends once a slice is done, where `ends` says so; `told`: how far they were, each time. */
function createRemovals({ store }: RemovalFixture, ends: boolean): { removals: Removals; told: Removal['progress'][] } {
  const told: Removal['progress'][] = [];
  const removals = new Removals({
    store,
    onSessionsChanged: () => undefined,
    onPurgeFailed: (error) => {
      throw error;
    },
    onChanged: (now) => {
      const work = now.find((each) => each.progress)?.progress ?? null;
      told.push(work);
      if (ends && work && work.done > 0) void removals.close();
    },
  });
  return { removals, told };
}

it('a removal that is cut off by the end of the console can be undone, and an undo that is cut off goes on', async () => {
  const bench = await RemovalFixture.create([
    ...Array.from({ length: 1_200 }, (_, at) => oldSession(`s${at}`)),
    newestSession,
  ]);
  const before = bench.dump();
  const retention = { olderThanDays: 90 };
  const first = createRemovals(bench, true);
  const { removedCount, removalId } = await first.removals.removeOld(retention);
  expect(removedCount).toBe(500);
  await bench.reopen();
  const second = createRemovals(bench, false);
  expect(await second.removals.list()).toMatchObject([{ removalId, retainedSessions: 500, progress: null }]);
  const rest = await second.removals.removeOld(retention);
  expect(rest.removedCount).toBe(700);
  expect(second.told.at(-2)).toEqual({ kind: 'removing', done: 500, total: 700 });
  await second.removals.close();

  const third = createRemovals(bench, true);
  expect(await third.removals.undo(rest.removalId ?? '')).toEqual({
    restoredCount: 500,
    mergedCount: 0,
    unrestorableCount: 0,
  });
  expect(third.told).toEqual([
    { kind: 'restoring', done: 0, total: 700 },
    { kind: 'restoring', done: 500, total: 700 },
    null,
  ]);
  await bench.reopen();
  const { removals } = createRemovals(bench, false);
  const kept = await removals.list();
  expect(kept.map(({ retainedSessions }) => retainedSessions)).toEqual([200, 500]);
  for (const one of kept) await removals.undo(one.removalId);
  await removals.close();
  expect(bench.dump()).toEqual(before);
  bench.assertConsistent();
});
