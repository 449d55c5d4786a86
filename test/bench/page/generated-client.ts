/** A client that generates sessions on request, so that the measured heap belongs to the renderer. */
import type {
  CallInput,
  CallName,
  ApiClient,
  AppState,
  Session,
  SessionCounts,
} from '../../../src-main/contract/index.ts';
import { sessionFilter } from '../../../src-main/contract/index.ts';
import { aggregateCounts } from '../../../src-main/core/sessions/counts.ts';
import { fakeConnection, fakeSession } from '../../support/fake-api-client.ts';

const connections = [1, 2, 3, 4].map((number) => fakeConnection(number));
const appState: AppState = {
  version: 'bench',
  operator: 'bench',
  hostName: 'bench',
  workspace: 'work',
  workspaceError: null,
  keychain: 'available',
  dataFolder: '/bench',
  isRestoreReviewPending: false,
  isFirstRun: false,
};

/** The number of active sessions: every fourth one. */
export const activeCountOf = (count: number): number => Math.floor(count / 4);

/** The session at an index of the list, newest first. */
export function sessionAt(count: number, index: number, activeOnly: boolean): Session {
  const key = activeOnly ? 4 * (activeCountOf(count) - index) : count - index;
  return { ...fakeSession(key, connections), status: key % 4 === 0 ? 'active' : 'completed' };
}

export function createGeneratedClient(count: number): ApiClient {
  const isNarrow = ({ statuses }: Partial<CallInput<'sessions.count'>['filter']>): boolean => statuses?.length === 1;
  const total = (narrow: boolean): number => (narrow ? activeCountOf(count) : count);
  const counts = (input: CallInput<'sessions.count'>): SessionCounts => {
    const commonFields = { connectionId: connections[0]?.id ?? '', product: 'geft' as const, source: 'added' as const };
    return aggregateCounts(
      sessionFilter.parse(input.filter),
      [
        { ...commonFields, status: 'active', sessions: activeCountOf(count) },
        { ...commonFields, status: 'completed', sessions: count - activeCountOf(count) },
      ],
      connections,
      ['CAD'],
    );
  };
  const page = ({ filter, after, skip = 0, limit = 200 }: CallInput<'sessions.list'>) => {
    const narrow = isNarrow(filter);
    const from = (after ? Number(after) : 0) + skip;
    const end = Math.min(from + limit, total(narrow));
    const rows = Array.from({ length: Math.max(0, end - from) }, (_, index) => sessionAt(count, from + index, narrow));
    return { rows, next: end < total(narrow) ? String(end) : null };
  };
  const handlers: { [Name in CallName]?: (input: CallInput<Name>) => unknown } = {
    'app.getState': () => appState,
    'connections.list': () => connections,
    'views.list': () => [],
    'refreshes.list': () => [],
    'batches.list': () => ({ rows: [], next: null }),
    'sessions.list': page,
    'sessions.count': counts,
  };
  const client = {
    async call(name: CallName, input: never) {
      const handler = handlers[name] as ((callInput: never) => unknown) | undefined;
      if (!handler) return { ok: false, error: { code: 'unknown_call', message: name, retryable: false, details: {} } };
      // Copies the value, as IPC does.
      return { ok: true, value: structuredClone(handler(input)) };
    },
    on: () => () => undefined,
  };
  return client as ApiClient;
}
