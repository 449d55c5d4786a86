import { AppError, type ParsedInput, type Session } from '../../contract/index.ts';
import { toSessionReading } from '../cancellation/index.ts';
import { auditFields, type Connections } from '../connections/index.ts';
import { parseWebhookEvent } from '../providers/index.ts';
import type { Store } from '../store/index.ts';

/**
 * Applies a webhook event that an operator pasted (providers.md 1.9, 2.6): a desktop app cannot receive webhooks.
 * Throws webhook_secret_missing, webhook_event_rejected or a keychain_ code. The audit log records a rejected event; no
 * session changes.
 */
export async function applyEvent(
  store: Store,
  connections: Connections,
  input: ParsedInput<'sessions.applyWebhookEvent'>,
): Promise<Session> {
  const connection = connections.get(input.connectionId);
  const secret = await connections.getWebhookSecret(connection.id);
  const event = parseWebhookEvent(connection.options.provider, {
    bytes: Buffer.from(input.body, 'utf8'),
    signature: input.signature,
    secret,
  });
  if (event.kind === 'refused') {
    await store.run('appendAudit', {
      action: 'event_refused',
      ...auditFields(connection),
      detail: { kind: 'code', code: event.rejectionCode },
    });
    throw new AppError('webhook_event_rejected', event.message, {
      details: { why: event.rejectionCode, field: event.rejectionCode === 'signature_wrong' ? 'signature' : 'body' },
    });
  }
  const now = new Date().toISOString();
  const reading = toSessionReading(event.session);
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
    occurredAt: event.occurredAt,
    audit: {
      action: 'event_applied',
      ...auditFields(connection),
      sessionId: event.sessionId,
      outcome: event.session.status,
    },
  });
}
