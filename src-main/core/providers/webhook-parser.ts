/**
 * Webhook events as input (providers.md 1.9, 2.6): pasted or imported, their signature checked over the very bytes
 * before anything in them is believed. Nothing is concluded from an event that did not come (contradictions 14, 32).
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { assertNever, type ProviderName } from '../../contract/index.ts';
import type { SessionParseResult } from './result-mapping.ts';
import { toParsedBody, parseBody, readTextField, type ParsedBody } from './response-parser.ts';
import { mapSession as flinksSessionIn } from './flinks/session.ts';
import type { ProviderSession } from './provider.ts';
import { mapSession as xenditSessionIn } from './xendit/session.ts';

export interface SignedWebhookEvent {
  /** Exactly as received: one byte more or less and the signature is another. */
  readonly bytes: Uint8Array;
  /** Flinks: `X-Webhook-Signature`, `sha256=` and hex in either case. Xendit: `x-callback-token`. */
  readonly signature: string;
  /** The webhook secret (Flinks) or callback token (Xendit) of this environment; not the connection's own secret. */
  readonly secret: string;
}

export type WebhookParseResult =
  /** `when` is the event's own time as the provider wrote it, 7 fractional digits and all. */
  | {
      readonly kind: 'event';
      readonly sessionId: string;
      readonly session: ProviderSession;
      readonly occurredAt: string | null;
    }
  | { readonly kind: 'refused'; readonly rejectionCode: WebhookRejectionCode; readonly message: string };

type WebhookRejectionCode = 'signature_wrong' | 'body_unreadable' | 'not_a_session_event';

export function parseWebhookEvent(provider: ProviderName, event: SignedWebhookEvent): WebhookParseResult {
  switch (provider) {
    case 'flinks':
      if (!hasValidFlinksSignature(event)) return createInvalidSignatureResult('X-Webhook-Signature', 'webhook secret');
      return parseFlinksEvent(parseEventBody(event), event.secret);
    case 'xendit':
      if (!isEqualConstantTime(event.signature.trim(), event.secret))
        return createInvalidSignatureResult('x-callback-token', 'token');
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

/** In constant time whatever the lengths: it is the digests that are compared. */
function isEqualConstantTime(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return expected !== '' && timingSafeEqual(digest(given), digest(expected));
}

function parseFlinksEvent(body: ParsedBody, secret: string): WebhookParseResult {
  if (body === null) return unreadableBodyResult;
  if (readTextField(body, 'type') !== 'SessionSetupStatusChanged')
    return createUnsupportedEventResult('SessionSetupStatusChanged');
  const payload = toParsedBody(body['payload']);
  const sessionId = readTextField(payload, 'sessionId');
  if (sessionId === null) return unreadableBodyResult;
  return toWebhookParseResult(flinksSessionIn(payload, sessionId, [secret]), sessionId, readTextField(body, 'when'));
}

function parseXenditEvent(body: ParsedBody, secret: string): WebhookParseResult {
  if (body === null) return unreadableBodyResult;
  if (readTextField(body, 'event')?.startsWith('payment_session.') !== true)
    return createUnsupportedEventResult('payment_session.*');
  const data = toParsedBody(body['data']);
  const sessionId = readTextField(data, 'payment_session_id');
  if (sessionId === null) return unreadableBodyResult;
  return toWebhookParseResult(xenditSessionIn(data, sessionId, [secret]), sessionId, readTextField(body, 'created'));
}

function toWebhookParseResult(
  reading: SessionParseResult,
  sessionId: string,
  occurredAt: string | null,
): WebhookParseResult {
  return reading.kind === 'found'
    ? { kind: 'event', sessionId, session: reading.session, occurredAt }
    : unreadableBodyResult;
}

function parseEventBody({ bytes }: SignedWebhookEvent): ParsedBody {
  return parseBody(Buffer.from(bytes).toString('utf8'));
}

const unreadableBodyResult: WebhookParseResult = {
  kind: 'refused',
  rejectionCode: 'body_unreadable',
  message:
    'The signature fits, but the event does not name a session and its status. Paste the whole body of the ' +
    'event. Nothing was changed.',
};

function createUnsupportedEventResult(expected: string): WebhookParseResult {
  return {
    kind: 'refused',
    rejectionCode: 'not_a_session_event',
    message: `This is not a session event (${expected}). Nothing was changed.`,
  };
}

function createInvalidSignatureResult(header: string, secret: string): WebhookParseResult {
  return {
    kind: 'refused',
    rejectionCode: 'signature_wrong',
    message:
      `The ${header} does not fit the event. Check that the body is exactly as it was received and that the ` +
      `${secret} is that of this environment. Nothing was changed.`,
  };
}
