/**
 * A fake API client with a long session list. Rows are generated when they are read; sort order and filter are ignored.
 */
import { sessionFilter } from '../../src-main/contract/index.ts';
import type { CallInput, CallName, CallOutput, Envelope, Session } from '../../src-main/contract/index.ts';
import { aggregateCounts } from '../../src-main/core/sessions/counts.ts';
import { fakeConnection, createFakeApiClient, fakeSession } from './fake-api-client.ts';
import type { FakeApiClient, FakeApiOptions } from './fake-api-client.ts';

export interface LongListOptions extends FakeApiOptions {
  /** Number of rows in thousands. */
  readonly thousandsOfSessions?: number;
}

/** Number of rows that the counts are extrapolated from; statuses and products repeat within it. */
const sampleSize = 1_000;

export function createLongListClient({ thousandsOfSessions = 0, ...options }: LongListOptions): FakeApiClient {
  const client = createFakeApiClient(options);
  const sessionCount = thousandsOfSessions * 1_000;
  const connections = options.connections ?? [1, 2, 3, 4].map((number) => fakeConnection(number));
  const row = (key: number): Session => fakeSession(key, connections);

  function readPage({ after, skip = 0, limit = 200 }: CallInput<'sessions.list'>): CallOutput<'sessions.list'> {
    const top = (after ? Number(after) - 1 : sessionCount) - skip;
    const rows = Array.from({ length: Math.max(0, Math.min(limit, top)) }, (_, index) => row(top - index));
    return { rows, next: top > limit ? String(top - limit + 1) : null };
  }
  function countAll(): CallOutput<'sessions.count'> {
    const groups = Array.from({ length: sampleSize }, (_, index) => ({
      ...row(sessionCount - index),
      sessions: sessionCount / sampleSize,
    }));
    return aggregateCounts(sessionFilter.parse({}), groups, connections, ['CAD', 'IDR']);
  }

  return sessionCount === 0
    ? client
    : {
        ...client,
        async call<Name extends CallName>(name: Name, input: CallInput<Name>): Promise<Envelope<CallOutput<Name>>> {
          if (name === 'sessions.list')
            return { ok: true, value: readPage(input as CallInput<'sessions.list'>) as CallOutput<Name> };
          if (name === 'sessions.count') return { ok: true, value: countAll() as CallOutput<Name> };
          return client.call(name, input);
        },
      };
}
