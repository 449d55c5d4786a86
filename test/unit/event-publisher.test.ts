import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CoreEventName, EventPayload, Session } from '../../src-main/contract/index.ts';
import { EventPublisher } from '../../src-main/core/event-publisher.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function session(key: number, status: Session['status'] = 'active'): Session {
  return {
    key,
    connectionId: crypto.randomUUID(),
    product: 'geft',
    id: `id-${key}`,
    reference: null,
    amount: null,
    currency: null,
    status,
    rawStatus: null,
    rawDetail: null,
    source: 'added',
    subAccount: null,
    createdAt: null,
    expiresAt: null,
    firstSeenAt: '2026-11-20T14:02:00.000Z',
    lastCheckedAt: null,
    note: null,
  };
}

function collectEvents<Name extends CoreEventName>(events: EventPublisher, name: Name): EventPayload<Name>[] {
  const payloads: EventPayload<Name>[] = [];
  events.on(name, (payload) => payloads.push(payload));
  return payloads;
}

describe('EventPublisher', () => {
  it('publishes the first change immediately and combines later changes, at most ten times per second', () => {
    const events = new EventPublisher();
    const payloads = collectEvents(events, 'sessions.changed');
    for (let count = 0; count < 1_000; count += 1) {
      events.sessionsChanged([session(count % 50)]);
      vi.advanceTimersByTime(1);
    }
    expect(payloads.length).toBeLessThanOrEqual(11);
    expect(payloads[0]?.rows).toHaveLength(1);
    expect(payloads[1]?.rows).toHaveLength(50);
  });

  it('publishes the last state of a row', () => {
    const events = new EventPublisher();
    events.sessionsChanged([session(1)]);
    const payloads = collectEvents(events, 'sessions.changed');
    events.sessionsChanged([session(2, 'active')]);
    events.sessionsChanged([session(2, 'cancelled')]);
    vi.advanceTimersByTime(100);
    expect(payloads).toMatchObject([{ rows: [{ key: 2, status: 'cancelled' }], isTruncated: false }]);
  });

  it('sets isTruncated if more rows changed than can be listed', () => {
    const events = new EventPublisher();
    events.sessionsChanged([session(0)]);
    const payloads = collectEvents(events, 'sessions.changed');
    events.sessionsChanged(Array.from({ length: 501 }, (_, key) => session(key + 1)));
    vi.advanceTimersByTime(100);
    events.sessionsChanged(null);
    vi.advanceTimersByTime(100);
    events.sessionsChanged([session(1)]);
    vi.advanceTimersByTime(100);
    expect(payloads.map(({ rows, isTruncated }) => [rows.length, isTruncated])).toEqual([
      [0, true],
      [0, true],
      [1, false],
    ]);
  });

  it('clear: drops pending events of the previous workspace', () => {
    const events = new EventPublisher();
    const payloads = collectEvents(events, 'sessions.changed');
    events.sessionsChanged([session(1)]);
    events.sessionsChanged([session(2)]);
    events.clear();
    vi.advanceTimersByTime(1_000);
    expect(payloads.map(({ rows }) => rows.map(({ key }) => key))).toEqual([[1]]);
  });

  it('a removed listener receives no events', () => {
    const events = new EventPublisher();
    const payloads: unknown[] = [];
    const unsubscribe = events.on('audit.appended', (payload) => payloads.push(payload));
    events.auditAppended(1);
    unsubscribe();
    events.auditAppended(2);
    vi.advanceTimersByTime(1_000);
    expect(payloads).toEqual([{ lastSequence: 1 }]);
  });
});
