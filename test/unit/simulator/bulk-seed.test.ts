import { describe, expect, it } from 'vitest';
import { bulkReferencePrefix } from '../../../src-main/core/simulator/index.ts';
import { createBulkSessions } from '../../../src-main/core/simulator/bulk-seed.ts';
import { createSeededSessions } from '../../../src-main/core/simulator/seed.ts';
import { nonEmpty } from '../../support/non-empty.ts';

const now = Date.parse('2026-11-20T14:00:00.000Z');
const count = 5_000;
const sessions = createBulkSessions(1, count, now);

describe('createBulkSessions', () => {
  it('bulk sessions: are determined by seed, count and time', () => {
    expect(createBulkSessions(1, count, now)).toEqual(sessions);
    expect(createBulkSessions(2, count, now)[0]?.id).not.toBe(sessions[0]?.id);
    expect(createBulkSessions(1, 10, now)).toEqual(sessions.slice(0, 10));
  });

  it('bulk sessions: have the reference prefix, are listed as active and exist at both providers', () => {
    expect(
      nonEmpty(sessions).filter(
        ({ reference, listedStatus }) => !reference?.startsWith(bulkReferencePrefix) || listedStatus !== 'active',
      ),
    ).toEqual([]);
    expect(new Set(sessions.map(({ connection }) => connection))).toEqual(new Set(['flinks', 'xendit']));
    // Xendit accepts 600 requests per minute: with more sessions a practice batch would have to wait.
    expect(sessions.filter(({ connection }) => connection === 'xendit').length).toBeLessThan(600);
  });

  it('bulk sessions: share no ID and no reference with the seeded sessions', () => {
    const all = [...createSeededSessions(1, 2_400, now), ...sessions];
    const references = all.flatMap(({ reference }) => reference ?? []);
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    expect(new Set(references).size).toBe(references.length);
  });

  it('bulk sessions: are open, except a few that were paid or expired or belong to another account', () => {
    for (const { createdAt, endsAt } of nonEmpty(sessions)) {
      expect(Date.parse(createdAt)).toBeLessThan(now);
      expect(Date.parse(endsAt)).toBeGreaterThan(now);
    }
    const endedSessions = sessions.filter(({ state }) => state === 'completed' || state === 'expired');
    expect(endedSessions.length).toBeGreaterThan(50);
    expect(endedSessions.length).toBeLessThan(200);
    expect(sessions.filter(({ account }) => account === 'other')).toHaveLength(count / 200);
  });
});
