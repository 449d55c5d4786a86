import { DeskError, type CheckedInput, type Session } from '../../contract/index.ts';
import { readingOf } from '../cancellation/index.ts';
import { auditFacts, type Connections } from '../connections/index.ts';
import { readEvent } from '../providers/index.ts';
import type { Store } from '../store/index.ts';

/**
 * Takes a webhook event that somebody pasted or imported (providers.md 1.9, 2.6): a desktop cannot be a webhook's address.
 * Throws event_secret_missing, event_refused or a keychain_ code; then nothing but the refusal itself is recorded.
 */
export async function applyEvent(
  store: Store,
  connections: Connections,
  input: CheckedInput<'sessions.applyEvent'>,
): Promise<Session> {
  const connection = connections.get(input.connectionId);
  const secret = await connections.eventSecret(connection.id);
  const event = readEvent(connection.options.provider, {
    bytes: Buffer.from(input.body, 'utf8'),
    signature: input.signature,
    secret,
  });
  if (event.kind === 'refused') {
    await store.run('appendAudit', { action: 'event_refused', ...auditFacts(connection), detail: event.why });
    throw new DeskError('event_refused', event.message, {
      details: { why: event.why, field: event.why === 'signature_wrong' ? 'signature' : 'body' },
    });
  }
  const now = new Date().toISOString();
  const reading = readingOf(event.session);
  return await store.run('recordEvent', {
    session: {
      ...reading,
      connectionId: connection.id,
      product: input.product,
      id: event.sessionId,
      subAccount: null,
      source: 'event',
      firstSeenAt: now,
      lastCheckedAt: null,
    },
    reading,
    when: event.when,
    audit: {
      action: 'event_applied',
      ...auditFacts(connection),
      sessionId: event.sessionId,
      outcome: event.session.status,
    },
  });
}
