import {
  type Connection,
  type Session,
  assertNever,
  AppError,
  createMessage,
  type Message,
} from '../../contract/index.ts';
import { unknownSessionReading, toSessionReading } from '../cancellation/index.ts';
import { auditFields, type Connections } from '../connections/index.ts';
import { type Providers, type ReadResult, formatErrorMessage } from '../providers/index.ts';
import type { Store } from '../store/index.ts';

export interface ReadSessionDependencies {
  readonly store: Store;
  readonly connections: Connections;
  readonly providers: Providers;
}

/**
 * `updatedSession`: the session as it is stored now; null if the read returned no status and nothing was stored.
 * `error`: why the session was not found.
 */
export type ReadSessionResult = { readonly result: ReadResult; readonly connection: Connection } & (
  | { readonly updatedSession: Session; readonly error: AppError | null }
  | { readonly updatedSession: null; readonly error: AppError }
);

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
  const error = result.kind === 'found' ? null : toReadError(result, connection, null);
  if (error !== null && result.kind !== 'not_found') return { result, connection, updatedSession: null, error };
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
  return { result, connection, updatedSession, error };
}

/**
 * Converts a read that returned no session into the error of the call. `idWarning` replaces the general advice if the
 * session ID does not have the provider's format.
 */
export function toReadError(
  result: Exclude<ReadResult, { kind: 'found' }>,
  connection: Connection,
  idWarning: Message | null,
): AppError {
  const host = new URL(connection.baseUrl).host;
  const details = { connectionId: connection.id };
  switch (result.kind) {
    case 'not_found':
      return new AppError(
        'provider_session_not_found',
        idWarning === null
          ? createMessage('session.notKnownToProvider', { connection: connection.name })
          : createMessage('session.notKnownToProviderIdUnusual', { connection: connection.name, warning: idWarning }),
        { details: { ...details, field: 'id' } },
      );
    case 'refused':
      return new AppError('provider_refused', formatErrorMessage(result.cause, host, result.evidence), { details });
    case 'throttled':
      return new AppError(
        'provider_throttled',
        createMessage('session.throttled', { host, count: Math.ceil(result.retryAfterMs / 1_000) }),
        { retryable: true, details },
      );
    case 'not_sent':
      return new AppError('provider_unreachable', formatErrorMessage(result.cause, host, result.evidence), {
        retryable: true,
        details,
      });
    case 'unreadable':
      return new AppError('provider_response_invalid', formatErrorMessage(result.cause, host, result.evidence), {
        retryable: true,
        details,
      });
    default:
      return assertNever(result);
  }
}
