/** A desk whose list claims to be long: rows made from their number as they are read, unsorted and unfiltered, and counts that add up to the claim. */
import { sessionFilter } from '../../src-main/contract/index.ts';
import type { CallInput, CallName, CallOutput, Envelope, Session } from '../../src-main/contract/index.ts';
import { aggregateCounts } from '../../src-main/core/sessions/counts.ts';
import { fakeConnection, createFakeApiClient, fakeSession } from './fake-api-client.ts';
import type { FakeApiClient, FakeApiOptions } from './fake-api-client.ts';

export interface LongListOptions extends FakeApiOptions {
  /** So many thousand rows. */
  readonly thousandsOfSessions?: number;
}

/** As many rows stand for all in the counts: statuses and products recur well within that. */
const sampleSize = 1_000;

export function createLongListClient({ thousandsOfSessions = 0, ...options }: LongListOptions): FakeApiClient {
  const client = createFakeApiClient(options);
  const claims = thousandsOfSessions * 1_000;
  const connections = options.connections ?? [1, 2, 3, 4].map((number) => fakeConnection(number));
  const row = (key: number): Session => fakeSession(key, connections);

  function pageOf({ after, skip = 0, limit = 200 }: CallInput<'sessions.page'>): CallOutput<'sessions.page'> {
    const top = (after ? Number(after) - 1 : claims) - skip;
    const rows = Array.from({ length: Math.max(0, Math.min(limit, top)) }, (_, at) => row(top - at));
    return { rows, next: top > limit ? String(top - limit + 1) : null };
  }
  function countAll(): CallOutput<'sessions.counts'> {
    const groups = Array.from({ length: sampleSize }, (_, at) => ({
      ...row(claims - at),
      sessions: claims / sampleSize,
    }));
    return aggregateCounts(sessionFilter.parse({}), groups, connections, ['CAD', 'IDR']);
  }

  return claims === 0
    ? client
    : {
        ...client,
        async call<Name extends CallName>(name: Name, input: CallInput<Name>): Promise<Envelope<CallOutput<Name>>> {
          if (name === 'sessions.page')
            return { ok: true, value: pageOf(input as CallInput<'sessions.page'>) as CallOutput<Name> };
          if (name === 'sessions.counts') return { ok: true, value: countAll() as CallOutput<Name> };
          return client.call(name, input);
        },
      };
}
