import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Removal } from '../../../src-main/contract/index.ts';
import { Removals } from '../../../src-main/core/maintenance/index.ts';
import { listed } from '../../support/app.ts';
import { Bench, cut, lately, longAgo, removal, sessions, type Made } from './soft-delete-fixtures.ts';

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));

const old = (id: string, changes: Partial<Made> = {}): Made => ({
  connectionId: 'c1',
  id,
  reference: `Order ${id}`,
  note: null,
  status: 'cancelled',
  firstSeenAt: longAgo,
  lastCheckedAt: null,
  watched: false,
  notes: [],
  cancellations: [],
  ...changes,
});
/** It has the newest key and the newest event, so that all others may go. */
const newest = old('the newest', { status: 'active', firstSeenAt: lately });

it(`what was removed and brought back is as it was, row by row, wherever it was cut off (seed ${seed})`, async () => {
  const slices = fc.record({
    limit: fc.integer({ min: 1, max: 5 }),
    before: fc.integer({ min: 0, max: 4 }),
    reopen: fc.boolean(),
  });
  let removed = 0;
  await fc.assert(
    fc.asyncProperty(sessions, sessions, slices, slices, async (made, meanwhile, removing, undoing) => {
      const bench = await Bench.with(made);
      const before = bench.dump();
      const pages = await pagesOf(bench);
      // Cut off after some slices, or carried on after another start.
      let gone = await bench.remove(removing.limit, removing.before);
      if (removing.reopen) await bench.reopen();
      else gone += await bench.remove(removing.limit);
      removed += gone;
      bench.check();
      expect(bench.dump()['sessions']).toHaveLength(made.length - gone);
      // New ones come, with keys of their own.
      const added = meanwhile.map((each) => ({ ...each, id: `new ${each.id}` }));
      const { last } =
        bench.within((database) => database.prepare('SELECT max(key) AS last FROM sessions').get()) ?? {};
      bench.add(added);
      let back = await bench.undo(undoing.limit, undoing.before);
      if (undoing.reopen) await bench.reopen();
      bench.check();
      const rest = await bench.undo(undoing.limit);
      back = {
        restored: back.restored + rest.restored,
        joined: back.joined + rest.joined,
        lost: back.lost + rest.lost,
      };
      expect(back).toEqual({ restored: gone, joined: 0, lost: 0 });
      bench.check();
      bench.within((database) => {
        const keys = `(SELECT key FROM sessions WHERE key > ${Number(last)})`;
        for (const table of ['session_events', 'cancellations', 'watched_sessions'])
          database.exec(`DELETE FROM ${table} WHERE session_key IN ${keys}`);
        expect(Number(database.prepare(`DELETE FROM sessions WHERE key > ${Number(last)}`).run().changes)).toBe(
          added.length,
        );
      });
      expect(bench.dump()).toEqual(before);
      expect(await pagesOf(bench)).toEqual(pages);
      expect(await bench.store.run('keptRemovals', longAgo)).toEqual([]);
      await bench.store.close();
    }),
    { numRuns: 15, seed },
  );
  expect(removed).toBeGreaterThan(10);
}, 120_000);

async function pagesOf({ store }: Bench): Promise<unknown> {
  const searches = ['', 'Order', 'null', '😀'].map((search) => store.run('sessionPage', listed({ search })));
  return [...(await Promise.all(searches)), await store.run('countedCells', { ...listed(), after: 0 })];
}

describe('a removal', () => {
  it('of which a slice fails keeps what is in that slice, and so does its undo', async () => {
    const bench = await Bench.with([
      ...Array.from({ length: 9 }, (_, at) =>
        old(`s${at}`, { cancellations: ['cancelled'], notes: ['x'], watched: true }),
      ),
      newest,
    ]);
    const before = bench.dump();
    bench.within((database) =>
      database.exec(
        "CREATE TRIGGER fault BEFORE DELETE ON sessions WHEN old.key = 5 BEGIN SELECT RAISE(ABORT, 'a fault'); END",
      ),
    );
    await expect(bench.remove(3)).rejects.toThrow('a fault');
    bench.check();
    expect(bench.dump()['sessions']).toHaveLength(7);
    bench.within((database) =>
      database.exec(`DROP TRIGGER fault;
      CREATE TRIGGER fault BEFORE INSERT ON watched_sessions WHEN new.session_key = 2 BEGIN SELECT RAISE(ABORT, 'a fault'); END`),
    );
    await expect(bench.undo(2)).rejects.toThrow('a fault');
    bench.check();
    expect(bench.dump()['sessions']).toHaveLength(7);
    bench.within((database) => database.exec('DROP TRIGGER fault'));
    expect(await bench.undo(2)).toEqual({ restored: 3, joined: 0, lost: 0 });
    expect(bench.dump()).toEqual(before);
  });

  it('leaves no key to be given again, neither of a session nor of an event', async () => {
    const bench = await Bench.with([
      old('a'),
      old('the last event', { notes: ['x'] }),
      old('b'),
      { ...newest, status: 'expired', firstSeenAt: longAgo },
    ]);
    bench.within((database) => database.exec("UPDATE session_events SET key = 100 WHERE kind = 'note'"));
    expect(await bench.remove(500)).toBe(2);
    expect((bench.dump()['sessions'] as Made[]).map(({ id }) => id)).toEqual(['the last event', 'the newest']);
    bench.add([newest, old('c')].map((each) => ({ ...each, id: `${each.id} again` })));
    expect(await bench.undo(500)).toEqual({ restored: 2, joined: 0, lost: 0 });
    bench.check();
  });

  it('and its undo are on record, each slice with its count and the day', async () => {
    const bench = await Bench.with([old('a'), old('b'), old('c'), newest]);
    await bench.remove(2);
    bench.add([old('a', { note: 'anew' })]);
    await bench.undo(2);
    const { rows } = await bench.store.run('auditPage', { before: null, limit: 4 });
    expect(rows.map(({ action, detail, operator }) => [action, detail, operator]).reverse()).toEqual([
      ['sessions_removed', `2 sessions not heard of since ${cut}`, 'olivia'],
      ['sessions_removed', `1 sessions not heard of since ${cut}`, 'olivia'],
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
    const bench = await Bench.with([
      old('a', { note: 'ticket 8812', notes: ['ticket 8812'], cancellations: ['cancelled'] }),
      old('b', { note: 'old words' }),
      newest,
    ]);
    await bench.remove(500);
    bench.add([
      old('a', { status: 'active', firstSeenAt: lately, lastCheckedAt: lately, reference: 'Order-9' }),
      old('b', { note: 'new words', firstSeenAt: lately }),
    ]);
    expect(await bench.undo(500)).toEqual({ restored: 0, joined: 2, lost: 0 });
    bench.check();
    const [, a, b] = bench.dump()['sessions'] as Record<string, unknown>[];
    expect(a).toMatchObject({
      key: 4,
      id: 'a',
      status: 'active',
      reference: 'Order-9',
      last_checked_at: lately,
      first_seen_at: longAgo,
      note: 'ticket 8812',
    });
    expect(b).toMatchObject({ key: 5, id: 'b', note: 'new words' });
    const events = await bench.store.run('sessionEvents', 4);
    expect(events.map(({ kind, at }) => [kind, at])).toEqual([
      ['tracked', lately],
      ['note', longAgo],
      ['tracked', longAgo],
    ]);
    expect(await bench.store.run('cancellationsOf', 4)).toMatchObject([{ state: 'cancelled', sessionKey: 4 }]);
  });

  it('says how many cannot come back because their connection was removed, and brings the others', async () => {
    const bench = await Bench.with([
      old('a'),
      old('b', { connectionId: 'c2' }),
      old('c', { connectionId: 'c2', cancellations: ['cancelled'] }),
      newest,
    ]);
    await bench.remove(500);
    await bench.store.run('deleteConnection', { id: 'c2', audit: { action: 'connection_removed' } });
    expect(await bench.undo(1)).toEqual({ restored: 1, joined: 0, lost: 2 });
    bench.check();
    expect(await bench.store.run('keptRemovals', longAgo)).toEqual([]);
  });

  it('of what was kept before a column was added gives that column its default', async () => {
    const bench = await Bench.with([old('a', { cancellations: ['cancelled'] }), newest]);
    await bench.remove(500);
    bench.within((database) =>
      database.exec(
        "ALTER TABLE sessions ADD COLUMN mood TEXT NOT NULL DEFAULT 'fine'; ALTER TABLE session_events ADD COLUMN weight INTEGER NOT NULL DEFAULT 3",
      ),
    );
    await bench.reopen();
    expect(await bench.undo(500)).toEqual({ restored: 1, joined: 0, lost: 0 });
    expect(bench.dump()['sessions']).toMatchObject([{ id: 'a', mood: 'fine' }, {}]);
  });
});

it('what is kept no longer is forgotten in slices, oldest removal first, and a younger removal stays', async () => {
  const bench = await Bench.with([
    old('a'),
    old('b'),
    old('c'),
    old('d', { firstSeenAt: '2026-07-01T00:00:00.000Z' }),
    newest,
  ]);
  await bench.remove(500);
  const later = { id: '40000000-0000-4000-8000-000000000002', at: '2026-11-22T14:05:00.000Z' };
  expect(await bench.store.run('removeOldSessions', { ...later, before: '2026-08-01T00:00:00.000Z', limit: 500 })).toBe(
    1,
  );
  const until = removal.at;
  expect(await bench.store.run('forgetRemoved', { until: '2026-11-21T14:04:59.999Z', limit: 500 })).toBe(0);
  expect(await bench.store.run('forgetRemoved', { until, limit: 2 })).toBe(2);
  bench.check();
  expect(await bench.store.run('forgetRemoved', { until, limit: 2 })).toBe(1);
  expect(await bench.store.run('forgetRemoved', { until, limit: 2 })).toBe(0);
  expect(await bench.store.run('keptRemovals', longAgo)).toEqual([{ ...later, operator: 'olivia', sessions: 1 }]);
  expect(await bench.store.run('restoreSessions', { id: removal.id, limit: 500 })).toBeNull();
  bench.check();
});

/** The removals of a console that ends once a slice is done, where `ends` says so; `told`: how far they were, each time. */
function removalsOf({ store }: Bench, ends: boolean): { removals: Removals; told: Removal['work'][] } {
  const told: Removal['work'][] = [];
  const removals = new Removals({
    store,
    tracked: () => undefined,
    notForgotten: (error) => {
      throw error;
    },
    changed: (now) => {
      const work = now.find((each) => each.work)?.work ?? null;
      told.push(work);
      if (ends && work && work.done > 0) void removals.close();
    },
  });
  return { removals, told };
}

it('a removal that is cut off by the end of the console can be undone, and an undo that is cut off goes on', async () => {
  const bench = await Bench.with([...Array.from({ length: 1_200 }, (_, at) => old(`s${at}`)), newest]);
  const before = bench.dump();
  const retention = { olderThanDays: 90 };
  const first = removalsOf(bench, true);
  const { removed, removalId } = await first.removals.removeOld(retention);
  expect(removed).toBe(500);
  await bench.reopen();
  const second = removalsOf(bench, false);
  expect(await second.removals.list()).toMatchObject([{ removalId, sessions: 500, work: null }]);
  const rest = await second.removals.removeOld(retention);
  expect(rest.removed).toBe(700);
  expect(second.told.at(-2)).toEqual({ kind: 'removing', done: 500, total: 700 });
  await second.removals.close();

  const third = removalsOf(bench, true);
  expect(await third.removals.undo(rest.removalId ?? '')).toEqual({ restored: 500, joined: 0, lost: 0 });
  expect(third.told).toEqual([
    { kind: 'restoring', done: 0, total: 700 },
    { kind: 'restoring', done: 500, total: 700 },
    null,
  ]);
  await bench.reopen();
  const { removals } = removalsOf(bench, false);
  const kept = await removals.list();
  expect(kept.map(({ sessions }) => sessions)).toEqual([200, 500]);
  for (const one of kept) await removals.undo(one.removalId);
  await removals.close();
  expect(bench.dump()).toEqual(before);
  bench.check();
});
