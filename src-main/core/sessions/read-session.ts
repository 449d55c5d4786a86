import type { Connection, Session } from '../../contract/index.ts';
import { nothingKnown, readingOf } from '../cancellation/index.ts';
import { auditFacts, type Connections } from '../connections/index.ts';
import type { Providers, ReadAnswer } from '../providers/index.ts';
import type { Store } from '../store/index.ts';

export interface ReadParts {
  readonly store: Store;
  readonly connections: Connections;
  readonly providers: Providers;
}

export interface Read {
  readonly answer: ReadAnswer;
  readonly connection: Connection;
  /** The session as it is now recorded; null where the answer told nothing and nothing was written. */
  readonly row: Session | null;
}

/**
 * Reads a session at its provider and records what was found; one the provider does not know is kept, as `unknown`.
 * `everyTime` puts each reading into the audit log, else only one that found another state. Throws credential_missing or a keychain_ code.
 */
export async function readSession(
  { store, connections, providers }: ReadParts,
  session: Session,
  everyTime: boolean,
  signal: AbortSignal,
): Promise<Read> {
  const connection = connections.get(session.connectionId);
  const provider = providers[connection.options.provider];
  const account = await connections.account(session.connectionId);
  const askedAt = new Date().toISOString();
  const answer = await provider.read(account, session, signal);
  if (answer.kind !== 'found' && answer.kind !== 'not_found') return { answer, connection, row: null };
  const found = answer.kind === 'found' ? answer.session : null;
  const row = await store.run('recordReading', {
    sessionKey: session.key,
    askedAt,
    at: new Date().toISOString(),
    reading: found ? readingOf(found) : nothingKnown,
    audit:
      !everyTime && (found?.status ?? 'unknown') === session.status
        ? null
        : {
            action: 'session_checked',
            ...auditFacts(connection),
            sessionKey: session.key,
            sessionId: session.id,
            outcome: found?.status ?? 'not_found',
            requestId: answer.evidence.requestId,
            durationMs: answer.evidence.durationMs,
          },
  });
  return { answer, connection, row };
}
