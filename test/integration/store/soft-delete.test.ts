import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Removal } from '../../../src-main/contract/index.ts';
import { Removals } from '../../../src-main/core/maintenance/index.ts';
import { sessionPageInput } from '../../support/app.ts';
import { roundsOf, seed } from '../../support/suite.ts';
import {
  RemovalFixture,
  cutoff,
  recently,
  longAgo,
  removalRecord,
  arbitrarySessions,
  type SessionSpec,
} from './soft-delete-fixtures.ts';

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
/** Has the greatest key and the newest event, so that all other sessions may be removed. */
const newestSession = oldSession('the newest', { status: 'active', firstSeenAt: recently });

it('soft delete: removed and restored sessions are equal after any interruption', async () => {
  const slices = fc.record({
    limit: fc.integer({ min: 1, max: 5 }),
    before: fc.integer({ min: 0, max: 4 }),
    reopen: fc.boolean(),
  });
  let totalRemoved = 0;
  await fc.assert(
    fc.asyncProperty(
      arbitrarySessions,
      arbitrarySessions,
      slices,
      slices,
      async (specs, laterSpecs, removing, undoing) => {
        const fixture = await RemovalFixture.create(specs);
        const before = fixture.dump();
        const pages = await readAllPages(fixture);
        // The removal is interrupted after some slices, or continues after a restart.
        let removedCount = await fixture.remove(removing.limit, removing.before);
        if (removing.reopen) await fixture.reopen();
        else removedCount += await fixture.remove(removing.limit);
        totalRemoved += removedCount;
        fixture.assertConsistent();
        expect(fixture.dump()['sessions']).toHaveLength(specs.length - removedCount);
        // Sessions with new keys are added.
        const added = laterSpecs.map((spec) => ({ ...spec, id: `new ${spec.id}` }));
        const { last } =
          fixture.withDatabase((database) => database.prepare('SELECT max(key) AS last FROM sessions').get()) ?? {};
        fixture.addSessions(added);
        const first = await fixture.undo(undoing.limit, undoing.before);
        if (undoing.reopen) await fixture.reopen();
        fixture.assertConsistent();
        const second = await fixture.undo(undoing.limit);
        expect({
          restored: first.restored + second.restored,
          merged: first.merged + second.merged,
          unrestorable: first.unrestorable + second.unrestorable,
        }).toEqual({ restored: removedCount, merged: 0, unrestorable: 0 });
        fixture.assertConsistent();
        fixture.withDatabase((database) => {
          const keys = `(SELECT key FROM sessions WHERE key > ${Number(last)})`;
          for (const table of ['session_events', 'cancellations', 'watched_sessions'])
            database.exec(`DELETE FROM ${table} WHERE session_key IN ${keys}`);
          expect(Number(database.prepare(`DELETE FROM sessions WHERE key > ${Number(last)}`).run().changes)).toBe(
            added.length,
          );
        });
        expect(fixture.dump()).toEqual(before);
        expect(await readAllPages(fixture)).toEqual(pages);
        expect(await fixture.store.run('retainedRemovals', longAgo)).toEqual([]);
        await fixture.store.close();
      },
    ),
    {
      numRuns: roundsOf({ quick: 4, full: 40 }),
      seed,
      examples: [
        [
          [...Array.from({ length: 12 }, (_, index) => oldSession(`s${index}`)), newestSession],
          [oldSession('later')],
          { limit: 5, before: 1, reopen: false },
          { limit: 3, before: 2, reopen: true },
        ],
      ],
    },
  );
  expect(totalRemoved).toBeGreaterThan(10);
}, 240_000);

async function readAllPages({ store }: RemovalFixture): Promise<unknown> {
  const searches = ['', 'Order', 'null', '😀'].map((search) => store.run('sessionPage', sessionPageInput({ search })));
  return [...(await Promise.all(searches)), await store.run('countGroups', { ...sessionPageInput(), after: 0 })];
}

describe('removeOldSessions', () => {
  it('removal: a failed slice changes nothing, and neither does a failed slice of the undo', async () => {
    const fixture = await RemovalFixture.create([
      ...Array.from({ length: 9 }, (_, index) =>
        oldSession(`s${index}`, { cancellations: ['cancelled'], notes: ['x'], isWatched: true }),
      ),
      newestSession,
    ]);
    const before = fixture.dump();
    fixture.withDatabase((database) =>
      database.exec(
        "CREATE TRIGGER fault BEFORE DELETE ON sessions WHEN old.key = 5 BEGIN SELECT RAISE(ABORT, 'a fault'); END",
      ),
    );
    await expect(fixture.remove(3)).rejects.toThrow('a fault');
    fixture.assertConsistent();
    expect(fixture.dump()['sessions']).toHaveLength(7);
    fixture.withDatabase((database) =>
      database.exec(`DROP TRIGGER fault;
      CREATE TRIGGER fault BEFORE INSERT ON watched_sessions WHEN new.session_key = 2
        BEGIN SELECT RAISE(ABORT, 'a fault'); END`),
    );
    await expect(fixture.undo(2)).rejects.toThrow('a fault');
    fixture.assertConsistent();
    expect(fixture.dump()['sessions']).toHaveLength(7);
    fixture.withDatabase((database) => database.exec('DROP TRIGGER fault'));
    expect(await fixture.undo(2)).toEqual({ restored: 3, merged: 0, unrestorable: 0 });
    expect(fixture.dump()).toEqual(before);
  });

  it('removal: keeps the greatest session key and the session of the newest event, so no key is reused', async () => {
    const fixture = await RemovalFixture.create([
      oldSession('a'),
      oldSession('the last event', { notes: ['x'] }),
      oldSession('b'),
      { ...newestSession, status: 'expired', firstSeenAt: longAgo },
    ]);
    fixture.withDatabase((database) => database.exec("UPDATE session_events SET key = 100 WHERE kind = 'note'"));
    expect(await fixture.remove(500)).toBe(2);
    expect((fixture.dump()['sessions'] as SessionSpec[]).map(({ id }) => id)).toEqual(['the last event', 'the newest']);
    fixture.addSessions([newestSession, oldSession('c')].map((spec) => ({ ...spec, id: `${spec.id} again` })));
    expect(await fixture.undo(500)).toEqual({ restored: 2, merged: 0, unrestorable: 0 });
    fixture.assertConsistent();
  });

  it('removal: each slice of a removal and of an undo is recorded with its count and day', async () => {
    const fixture = await RemovalFixture.create([oldSession('a'), oldSession('b'), oldSession('c'), newestSession]);
    await fixture.remove(2);
    fixture.addSessions([oldSession('a', { note: 'anew' })]);
    await fixture.undo(2);
    const { rows } = await fixture.store.run('auditPage', { before: null, limit: 4 });
    const removedAt = expect.stringMatching(/^2026-11-21T/) as string;
    const undo = { kind: 'removal_undo', restored: 0, merged: 0, unrestorable: 0, removedAt };
    expect(rows.map(({ action, detail, operator }) => [action, detail, operator]).reverse()).toEqual([
      ['sessions_removed', { kind: 'removal', sessions: 2, before: cutoff }, 'olivia'],
      ['sessions_removed', { kind: 'removal', sessions: 1, before: cutoff }, 'olivia'],
      ['sessions_restored', { ...undo, restored: 1, merged: 1 }, 'olivia'],
      ['sessions_restored', { ...undo, restored: 1 }, 'olivia'],
    ]);
  });
});

describe('restoreSessions', () => {
  it('undo: a session that was tracked again keeps its data and gets the earlier timeline and note', async () => {
    const fixture = await RemovalFixture.create([
      oldSession('a', { note: 'ticket 8812', notes: ['ticket 8812'], cancellations: ['cancelled'] }),
      oldSession('b', { note: 'old note' }),
      newestSession,
    ]);
    await fixture.remove(500);
    fixture.addSessions([
      oldSession('a', { status: 'active', firstSeenAt: recently, lastCheckedAt: recently, reference: 'Order-9' }),
      oldSession('b', { note: 'new note', firstSeenAt: recently }),
    ]);
    expect(await fixture.undo(500)).toEqual({ restored: 0, merged: 2, unrestorable: 0 });
    fixture.assertConsistent();
    const [, a, b] = fixture.dump()['sessions'] as Record<string, unknown>[];
    expect(a).toMatchObject({
      key: 4,
      id: 'a',
      status: 'active',
      reference: 'Order-9',
      last_checked_at: recently,
      first_seen_at: longAgo,
      note: 'ticket 8812',
    });
    expect(b).toMatchObject({ key: 5, id: 'b', note: 'new note' });
    const events = await fixture.store.run('sessionEvents', 4);
    expect(events.map(({ kind, at }) => [kind, at])).toEqual([
      ['tracked', recently],
      ['note', longAgo],
      ['tracked', longAgo],
    ]);
    expect(await fixture.store.run('cancellationsOf', 4)).toMatchObject([{ state: 'cancelled', sessionKey: 4 }]);
  });

  it('undo: sessions of a removed connection are counted as unrestorable, and the others are restored', async () => {
    const fixture = await RemovalFixture.create([
      oldSession('a'),
      oldSession('b', { connectionId: 'c2' }),
      oldSession('c', { connectionId: 'c2', cancellations: ['cancelled'] }),
      newestSession,
    ]);
    await fixture.remove(500);
    await fixture.store.run('deleteConnection', { id: 'c2', audit: { action: 'connection_removed' } });
    expect(await fixture.undo(1)).toEqual({ restored: 1, merged: 0, unrestorable: 2 });
    fixture.assertConsistent();
    expect(await fixture.store.run('retainedRemovals', longAgo)).toEqual([]);
  });

  it('undo: a column that was added after the removal gets its default', async () => {
    const fixture = await RemovalFixture.create([oldSession('a', { cancellations: ['cancelled'] }), newestSession]);
    await fixture.remove(500);
    fixture.withDatabase((database) =>
      database.exec(
        `ALTER TABLE sessions ADD COLUMN label TEXT NOT NULL DEFAULT 'none';
        ALTER TABLE session_events ADD COLUMN weight INTEGER NOT NULL DEFAULT 3`,
      ),
    );
    expect(await fixture.undo(500)).toEqual({ restored: 1, merged: 0, unrestorable: 0 });
    expect(fixture.dump()['sessions']).toMatchObject([{ id: 'a', label: 'none' }, {}]);
  });
});

it('purge: deletes expired removals in slices, oldest first, and keeps a later removal', async () => {
  const fixture = await RemovalFixture.create([
    oldSession('a'),
    oldSession('b'),
    oldSession('c'),
    oldSession('d', { firstSeenAt: '2026-07-01T00:00:00.000Z' }),
    newestSession,
  ]);
  await fixture.remove(500);
  const later = { id: '40000000-0000-4000-8000-000000000002', at: '2026-11-22T14:05:00.000Z' };
  expect(
    await fixture.store.run('removeOldSessions', { ...later, before: '2026-08-01T00:00:00.000Z', limit: 500 }),
  ).toBe(1);
  const removedUntil = removalRecord.at;
  expect(await fixture.store.run('purgeRemoved', { removedUntil: '2026-11-21T14:04:59.999Z', limit: 500 })).toBe(0);
  expect(await fixture.store.run('purgeRemoved', { removedUntil, limit: 2 })).toBe(2);
  fixture.assertConsistent();
  expect(await fixture.store.run('purgeRemoved', { removedUntil, limit: 2 })).toBe(1);
  expect(await fixture.store.run('purgeRemoved', { removedUntil, limit: 2 })).toBe(0);
  await fixture.store.run('rewriteAfterPurge', null);
  expect(await fixture.store.run('retainedRemovals', longAgo)).toEqual([{ ...later, operator: 'olivia', sessions: 1 }]);
  expect(await fixture.store.run('restoreSessions', { id: removalRecord.id, limit: 500 })).toBeNull();
  fixture.assertConsistent();
});

/**
 * `closesAfterSlice` closes the service after its first slice; `reported` collects the progress of each notification.
 */
function createRemovals(
  { store }: RemovalFixture,
  closesAfterSlice: boolean,
): { removals: Removals; reported: Removal['progress'][] } {
  const reported: Removal['progress'][] = [];
  const removals = new Removals({
    store,
    onSessionsChanged: () => undefined,
    onPurgeFailed: (error) => {
      throw error;
    },
    onChanged: (rows) => {
      const progress = rows.find((removal) => removal.progress)?.progress ?? null;
      reported.push(progress);
      if (closesAfterSlice && progress && progress.done > 0) void removals.close();
    },
  });
  return { removals, reported };
}

it('Removals: an interrupted removal can be undone, and an interrupted undo can be continued', async () => {
  const fixture = await RemovalFixture.create([
    ...Array.from({ length: 1_200 }, (_, index) => oldSession(`s${index}`)),
    newestSession,
  ]);
  const before = fixture.dump();
  const retention = { olderThanDays: 90 };
  const first = createRemovals(fixture, true);
  const { removedCount, removalId } = await first.removals.start(retention);
  expect(removedCount).toBe(100);
  await fixture.reopen();
  const second = createRemovals(fixture, false);
  expect(await second.removals.list()).toMatchObject([{ removalId, retainedSessions: 100, progress: null }]);
  const remainder = await second.removals.start(retention);
  expect(remainder.removedCount).toBe(1_100);
  expect(second.reported.at(-2)).toEqual({ kind: 'removing', done: 1_100, total: 1_100 });
  await second.removals.close();

  const third = createRemovals(fixture, true);
  expect(await third.removals.undo(remainder.removalId ?? '')).toEqual({
    restoredCount: 500,
    mergedCount: 0,
    unrestorableCount: 0,
  });
  expect(third.reported).toEqual([
    { kind: 'restoring', done: 0, total: 1_100 },
    { kind: 'restoring', done: 500, total: 1_100 },
    null,
  ]);
  await fixture.reopen();
  const { removals } = createRemovals(fixture, false);
  const retained = await removals.list();
  expect(retained.map(({ retainedSessions }) => retainedSessions)).toEqual([600, 100]);
  for (const removal of retained) await removals.undo(removal.removalId);
  await removals.close();
  expect(fixture.dump()).toEqual(before);
  fixture.assertConsistent();
});
