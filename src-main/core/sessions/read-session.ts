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
  readonly result: ReadResult;
  readonly connection: Connection;
  /** The session as it is stored now; null if the read returned no status and nothing was stored. */
  readonly updatedSession: Session | null;
}

/**
 * Reads a session at its provider and stores the status. A session that the provider does not find stays tracked, with
 * the status `unknown`. `auditEachRead`: whether to record each read in the audit log, or only those that found another
 * status. Throws credential_missing or a keychain_ code.
 */
export async function readSession(
  { store, connections, providers }: ReadSessionDependencies,
  session: Session,
  auditEachRead: boolean,
  signal: AbortSignal,
): Promise<ReadSessionResult> {
  const connection = connections.get(session.connectionId);
  const provider = providers[connection.options.provider];
  const account = await connections.getAccount(session.connectionId);
  const requestedAt = new Date().toISOString();
  const result = await provider.read(account, session, signal);
  if (result.kind !== 'found' && result.kind !== 'not_found') return { result, connection, updatedSession: null };
  const providerSession = result.kind === 'found' ? result.session : null;
  const updatedSession = await store.run('recordReading', {
    sessionKey: session.key,
    requestedAt,
    readAt: new Date().toISOString(),
    reading: providerSession ? toSessionReading(providerSession) : unknownSessionReading,
    audit:
      !auditEachRead && (providerSession?.status ?? 'unknown') === session.status
        ? null
        : {
            action: 'session_checked',
            ...auditFields(connection),
            sessionKey: session.key,
            sessionId: session.id,
            outcome: providerSession?.status ?? 'not_found',
            requestId: result.evidence.requestId,
            durationMs: result.evidence.durationMs,
          },
  });
  return { result, connection, updatedSession };
}
