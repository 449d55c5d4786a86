/**
 * Parses webhook events that an operator pastes or imports (providers.md 1.9, 2.6). The signature is checked over the
 * received bytes before the event is parsed. A missing event proves nothing (contradictions 14, 32).
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { assertNever, createMessage, sessionIdPattern, type Message, type ProviderName } from '../../contract/index.ts';
import type { SessionParseResult } from './result-mapping.ts';
import { toParsedBody, parseBody, readTextField, type ParsedBody } from './response-parser.ts';
import { mapSession as mapFlinksSession } from './flinks/session.ts';
import type { ProviderSession } from './provider.ts';
import { mapSession as mapXenditSession } from './xendit.ts';

export interface SignedWebhookEvent {
  /** Exactly as received: the signature covers every byte. */
  readonly bytes: Uint8Array;
  /** Flinks: `X-Webhook-Signature`, `sha256=` and hex in upper or lower case. Xendit: `x-callback-token`. */
  readonly signature: string;
  /** The webhook secret (Flinks) or callback token (Xendit) of this environment; not the secret of the connection. */
  readonly secret: string;
}

export type WebhookParseResult =
  | {
      readonly kind: 'event';
      readonly sessionId: string;
      readonly session: ProviderSession;
      /** The time of the event as the provider wrote it, with up to 7 fractional digits. */
      readonly occurredAt: string | null;
    }
  | { readonly kind: 'refused'; readonly rejectionCode: WebhookRejectionCode; readonly message: Message };

type WebhookRejectionCode = 'signature_wrong' | 'body_unreadable' | 'not_a_session_event';

export function parseWebhookEvent(provider: ProviderName, event: SignedWebhookEvent): WebhookParseResult {
  switch (provider) {
    case 'flinks':
      if (!hasValidFlinksSignature(event))
        return reject('signature_wrong', createMessage('provider.flinksSignatureWrong'));
      return parseFlinksEvent(parseEventBody(event), event.secret);
    case 'xendit':
      if (!isEqualConstantTime(event.signature.trim(), event.secret))
        return reject('signature_wrong', createMessage('provider.xenditSignatureWrong'));
      return parseXenditEvent(parseEventBody(event), event.secret);
    default:
      return assertNever(provider);
  }
}

function hasValidFlinksSignature({ bytes, signature, secret }: SignedWebhookEvent): boolean {
  const [, hex] = /^(?:sha256=)?([0-9a-f]{64})$/i.exec(signature.trim()) ?? [];
  if (hex === undefined || secret === '') return false;
  return timingSafeEqual(Buffer.from(hex, 'hex'), createHmac('sha256', secret).update(bytes).digest());
}

/** Compares digests, so that the time does not depend on the lengths. */
function isEqualConstantTime(actual: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return expected !== '' && timingSafeEqual(digest(actual), digest(expected));
}

function parseFlinksEvent(body: ParsedBody, secret: string): WebhookParseResult {
  if (body === null) return rejectUnreadable();
  if (readTextField(body, 'type') !== 'SessionSetupStatusChanged') return rejectEventType('SessionSetupStatusChanged');
  const payload = toParsedBody(body['payload']);
  const sessionId = readTextField(payload, 'sessionId');
  if (sessionId === null || !sessionIdPattern.test(sessionId)) return rejectUnreadable();
  return toWebhookParseResult(mapFlinksSession(payload, sessionId, [secret]), sessionId, readTextField(body, 'when'));
}

function parseXenditEvent(body: ParsedBody, secret: string): WebhookParseResult {
  if (body === null) return rejectUnreadable();
  if (readTextField(body, 'event')?.startsWith('payment_session.') !== true)
    return rejectEventType('payment_session.*');
  const data = toParsedBody(body['data']);
  const sessionId = readTextField(data, 'payment_session_id');
  if (sessionId === null || !sessionIdPattern.test(sessionId)) return rejectUnreadable();
  return toWebhookParseResult(mapXenditSession(data, sessionId, [secret]), sessionId, readTextField(body, 'created'));
}

function toWebhookParseResult(
  parsed: SessionParseResult,
  sessionId: string,
  occurredAt: string | null,
): WebhookParseResult {
  return parsed.kind === 'found'
    ? { kind: 'event', sessionId, session: parsed.session, occurredAt }
    : rejectUnreadable();
}

function parseEventBody({ bytes }: SignedWebhookEvent): ParsedBody {
  return parseBody(Buffer.from(bytes).toString('utf8'));
}

function reject(rejectionCode: WebhookRejectionCode, message: Message): WebhookParseResult {
  return { kind: 'refused', rejectionCode, message };
}

function rejectUnreadable(): WebhookParseResult {
  return reject('body_unreadable', createMessage('provider.eventUnreadable'));
}

function rejectEventType(expectedType: string): WebhookParseResult {
  return reject('not_a_session_event', createMessage('provider.eventNotSupported', { type: expectedType }));
}
