import { describe, expect, it } from 'vitest';
import {
  bulkReferencePrefix,
  createMerchantSessions,
  trainingReferences,
} from '../../../src-main/core/simulator/index.ts';
import { createBulkSessions, createSeededSessions } from '../../../src-main/core/simulator/seed.ts';
import { productsByProvider, sessionStatus } from '../../../src-main/contract/index.ts';
import type { SessionStatus } from '../../../src-main/contract/index.ts';
import { nonEmpty } from '../../support/non-empty.ts';

const now = Date.parse('2026-11-20T14:00:00.000Z');
const minute = 60_000;
const sessions = createMerchantSessions(1, 2_400, now);
const xenditSessions = sessions.filter((session) => session.connection === 'xendit');
const ids = (list: typeof sessions) => list.map((session) => session.id);
const idPatterns = {
  flinks: /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  xendit: /^ps-[0-9a-f]{24}$/,
};

describe('createMerchantSessions', () => {
  it('merchant sessions: are determined by seed, count and time', () => {
    expect(createMerchantSessions(1, 2_400, now)).toEqual(sessions);
    expect(ids(createMerchantSessions(2, 2_400, now))).not.toEqual(ids(sessions));
  });

  it('merchant sessions: a higher count adds sessions and does not change the first ones', () => {
    expect(createMerchantSessions(1, 2_500, now).slice(0, 2_400)).toEqual(sessions);
  });

  it('merchant sessions: have the requested count and include every product of both providers', () => {
    expect(sessions).toHaveLength(2_400);
    const products = new Set(sessions.map((session) => `${session.connection} ${session.product}`));
    expect([...products].sort()).toEqual(
      Object.entries(productsByProvider)
        .flatMap(([provider, names]) => names.map((name) => `${provider} ${name}`))
        .sort(),
    );
  });

  it('merchant sessions: have unique IDs and references', () => {
    const references = sessions.flatMap((session) => session.reference ?? []);
    expect(new Set(ids(sessions)).size).toBe(sessions.length);
    expect(new Set(references).size).toBe(references.length);
  });

  it('merchant sessions: most are active, and every other status occurs', () => {
    const count = (status: SessionStatus) => sessions.filter((session) => session.listedStatus === status).length;
    expect(count('active')).toBeGreaterThan(sessions.length * 0.6);
    for (const status of nonEmpty(sessionStatus.options)) expect(count(status), status).toBeGreaterThan(5);
  });

  it('merchant sessions: have IDs in the format of their provider and amounts as decimal text', () => {
    for (const session of nonEmpty(sessions)) {
      expect(session.id).toMatch(idPatterns[session.connection]);
      expect(session.amount).toMatch(/^\d+(\.\d{2})?$/);
      expect(Number(session.amount)).toBeGreaterThan(0);
      expect(session.expiresAt === null).toBe(session.connection === 'flinks');
    }
  });

  it('merchant sessions: are minutes to days old, and sessions in progress at Xendit have not expired', () => {
    for (const session of nonEmpty(sessions)) {
      const age = now - Date.parse(session.createdAt);
      expect(age).toBeGreaterThanOrEqual(3 * minute);
      expect(age).toBeLessThan(10 * 24 * 60 * minute);
    }
    const inProgressSessions = xenditSessions.filter((session) => session.listedStatus === 'in_progress');
    expect(inProgressSessions.length).toBeGreaterThan(5);
    for (const session of nonEmpty(inProgressSessions))
      expect(Date.parse(session.expiresAt ?? '')).toBeGreaterThan(now);
  });

  it('merchant sessions: none at Xendit is failed or unfinished, because Xendit has no such status', () => {
    const states = new Set(xenditSessions.map((session) => session.listedStatus));
    expect(states).not.toContain('failed');
    expect(states).not.toContain('completed_unfinished');
  });

  it('merchant sessions: include every training session once, listed as active', () => {
    for (const reference of nonEmpty(Object.values(trainingReferences))) {
      const matches = sessions.filter((session) => session.reference === reference);
      expect(
        matches.map((session) => session.listedStatus),
        reference,
      ).toEqual(['active']);
    }
  });

  it('merchant sessions: include the training sessions even with a count of 0', () => {
    expect(createMerchantSessions(1, 0, now)).toHaveLength(Object.keys(trainingReferences).length);
  });
});

describe('createBulkSessions', () => {
  const count = 5_000;
  const sessions = createBulkSessions(1, count, now);

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
