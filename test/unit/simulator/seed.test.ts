import { describe, expect, it } from 'vitest';
import { createMerchantSessions, trainingReferences } from '../../../src-main/core/simulator/index.ts';
import { productsByProvider, sessionStatus } from '../../../src-main/contract/index.ts';
import type { SessionStatus } from '../../../src-main/contract/index.ts';

const now = Date.parse('2026-11-20T14:00:00.000Z');
const minute = 60_000;
const sessions = createMerchantSessions(1, 2_400, now);
const atXendit = sessions.filter((session) => session.connection === 'xendit');
const ids = (list: typeof sessions) => list.map((session) => session.id);
const shapes = {
  flinks: /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  xendit: /^ps-[0-9a-f]{24}$/,
};

describe('the practice list', () => {
  it('is the same for the same seed, count and time, and another for another seed', () => {
    expect(createMerchantSessions(1, 2_400, now)).toEqual(sessions);
    expect(ids(createMerchantSessions(2, 2_400, now))).not.toEqual(ids(sessions));
  });

  it('keeps the sessions it has when more are asked for', () => {
    expect(createMerchantSessions(1, 2_500, now).slice(0, 2_400)).toEqual(sessions);
  });

  it('holds as many as asked for, over both accounts and every product', () => {
    expect(sessions).toHaveLength(2_400);
    const products = new Set(sessions.map((session) => `${session.connection} ${session.product}`));
    expect([...products].sort()).toEqual(
      Object.entries(productsByProvider)
        .flatMap(([provider, names]) => names.map((name) => `${provider} ${name}`))
        .sort(),
    );
  });

  it('names no session id and no reference twice', () => {
    const references = sessions.flatMap((session) => session.reference ?? []);
    expect(new Set(ids(sessions)).size).toBe(sessions.length);
    expect(new Set(references).size).toBe(references.length);
  });

  it('is mostly active, with some of every other state', () => {
    const count = (status: SessionStatus) => sessions.filter((session) => session.listedStatus === status).length;
    expect(count('active')).toBeGreaterThan(sessions.length * 0.6);
    for (const status of sessionStatus.options) expect(count(status), status).toBeGreaterThan(5);
  });

  it('gives ids in the shape of their provider and amounts as decimal text', () => {
    for (const session of sessions) {
      expect(session.id).toMatch(shapes[session.connection]);
      expect(session.amount).toMatch(/^\d+(\.\d{2})?$/);
      expect(Number(session.amount)).toBeGreaterThan(0);
      expect(session.expiresAt === null).toBe(session.connection === 'flinks');
    }
  });

  it('is between minutes and days old, and what it lists as open at Xendit has time left', () => {
    for (const session of sessions) {
      const age = now - Date.parse(session.createdAt);
      expect(age).toBeGreaterThanOrEqual(3 * minute);
      expect(age).toBeLessThan(10 * 24 * 60 * minute);
    }
    const waiting = atXendit.filter((session) => session.listedStatus === 'in_progress');
    expect(waiting.length).toBeGreaterThan(5);
    for (const session of waiting) expect(Date.parse(session.expiresAt ?? '')).toBeGreaterThan(now);
  });

  it('lists no failed and no unfinished session at Xendit, which knows neither', () => {
    const states = new Set(atXendit.map((session) => session.listedStatus));
    expect(states).not.toContain('failed');
    expect(states).not.toContain('completed_unfinished');
  });

  it('lists every training session once, as active', () => {
    for (const reference of Object.values(trainingReferences)) {
      const named = sessions.filter((session) => session.reference === reference);
      expect(
        named.map((session) => session.listedStatus),
        reference,
      ).toEqual(['active']);
    }
  });

  it('never has fewer than the training sessions', () => {
    expect(createMerchantSessions(1, 0, now)).toHaveLength(Object.keys(trainingReferences).length);
  });
});
