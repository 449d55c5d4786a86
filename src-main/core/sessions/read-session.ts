import type { Connection, Session } from '../../contract/index.ts';
import { unknownSessionReading, toSessionReading } from '../cancellation/index.ts';
import { auditFields, type Connections } from '../connections/index.ts';
import type { Providers, ReadResult } from '../providers/index.ts';
import type { Store } from '../store/index.ts';

export interface ReadSessionDependencies {
  readonly store: Store;
  readonly connections: Connections;
  readonly providers: Providers;
}

export interface ReadSessionResult {
  readonly answer: ReadResult;
  readonly connection: Connection;
  /** The session as it is now recorded; null where the answer told nothing and nothing was written. */
  readonly updatedSession: Session | null;
}

/**
 * Reads a session at its provider and records what was found; one the provider does not know is kept, as `unknown`.
 * `everyTime` puts each reading into the audit log, else only one that found another state. Throws credential_missing or a keychain_ code.
 */
export async function readSession(
  { store, connections, providers }: ReadSessionDependencies,
  session: Session,
  everyTime: boolean,
  signal: AbortSignal,
): Promise<ReadSessionResult> {
  const connection = connections.get(session.connectionId);
  const provider = providers[connection.options.provider];
  const account = await connections.getAccount(session.connectionId);
  const requestedAt = new Date().toISOString();
  const answer = await provider.read(account, session, signal);
  if (answer.kind !== 'found' && answer.kind !== 'not_found') return { answer, connection, updatedSession: null };
  const found = answer.kind === 'found' ? answer.session : null;
  const updatedSession = await store.run('recordReading', {
    sessionKey: session.key,
    requestedAt,
    readAt: new Date().toISOString(),
    reading: found ? toSessionReading(found) : unknownSessionReading,
    audit:
      !everyTime && (found?.status ?? 'unknown') === session.status
        ? null
        : {
            action: 'session_checked',
            ...auditFields(connection),
            sessionKey: session.key,
            sessionId: session.id,
            outcome: found?.status ?? 'not_found',
            requestId: answer.evidence.requestId,
            durationMs: answer.evidence.durationMs,
          },
  });
  return { answer, connection, updatedSession };
}
