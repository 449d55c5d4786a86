import { describe, expect, it } from 'vitest';
import { bulkReferencePrefix } from '../../../src-main/core/simulator/index.ts';
import { createBulkSessions } from '../../../src-main/core/simulator/bulk-seed.ts';
import { createSeededSessions } from '../../../src-main/core/simulator/seed.ts';

const now = Date.parse('2026-11-20T14:00:00.000Z');
const count = 5_000;
const sessions = createBulkSessions(1, count, now);

describe('what a campaign left behind', () => {
  it('is the same for the same seed, count and time, and another for another seed', () => {
    expect(createBulkSessions(1, count, now)).toEqual(sessions);
    expect(createBulkSessions(2, count, now)[0]?.id).not.toBe(sessions[0]?.id);
    expect(createBulkSessions(1, 10, now)).toEqual(sessions.slice(0, 10));
  });

  it('is found by its reference alone, listed as active, at both providers', () => {
    expect(
      sessions.filter(
        ({ reference, listedStatus }) => !reference?.startsWith(bulkReferencePrefix) || listedStatus !== 'active',
      ),
    ).toEqual([]);
    expect(new Set(sessions.map(({ connection }) => connection))).toEqual(new Set(['flinks', 'xendit']));
    // Xendit takes 600 requests a minute: more of it would turn practice into waiting.
    expect(sessions.filter(({ connection }) => connection === 'xendit').length).toBeLessThan(600);
  });

  it('shares no id and no reference with the other sessions', () => {
    const all = [...createSeededSessions(1, 2_400, now), ...sessions];
    const references = all.flatMap(({ reference }) => reference ?? []);
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    expect(new Set(references).size).toBe(references.length);
  });

  it('is open for days yet, but for those that were paid or ended meanwhile, and some that are another account’s', () => {
    for (const { createdAt, endsAt } of sessions) {
      expect(Date.parse(createdAt)).toBeLessThan(now);
      expect(Date.parse(endsAt)).toBeGreaterThan(now);
    }
    const ended = sessions.filter(({ state }) => state === 'completed' || state === 'expired');
    expect(ended.length).toBeGreaterThan(50);
    expect(ended.length).toBeLessThan(200);
    expect(sessions.filter(({ account }) => account === 'other')).toHaveLength(count / 200);
  });
});
