/**
 * Webhook events as input (providers.md 1.9, 2.6): pasted or imported, their signature checked over the very bytes
 * before anything in them is believed. Nothing is concluded from an event that did not come (contradictions 14, 32).
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { assertNever, type ProviderName } from '../../contract/index.ts';
import type { SessionReading } from './result-mapping.ts';
import { asBody, parseBody, textField, type Body } from './response-parser.ts';
import { sessionIn as flinksSessionIn } from './flinks/session.ts';
import type { FoundSession } from './provider.ts';
import { sessionIn as xenditSessionIn } from './xendit/session.ts';

export interface SignedEvent {
  /** Exactly as received: one byte more or less and the signature is another. */
  readonly bytes: Uint8Array;
  /** Flinks: `X-Webhook-Signature`, `sha256=` and hex in either case. Xendit: `x-callback-token`. */
  readonly signature: string;
  /** The webhook secret (Flinks) or callback token (Xendit) of this environment; not the connection's own secret. */
  readonly secret: string;
}

export type EventReading =
  /** `when` is the event's own time as the provider wrote it, 7 fractional digits and all. */
  | { readonly kind: 'event'; readonly sessionId: string; readonly session: FoundSession; readonly when: string | null }
  | { readonly kind: 'refused'; readonly why: Refusal; readonly message: string };

type Refusal = 'signature_wrong' | 'body_unreadable' | 'not_a_session_event';

export function readEvent(provider: ProviderName, event: SignedEvent): EventReading {
  switch (provider) {
    case 'flinks':
      if (!isFlinksSignature(event)) return wrongSignature('X-Webhook-Signature', 'webhook secret');
      return readFlinks(bodyOf(event), event.secret);
    case 'xendit':
      if (!isSameText(event.signature.trim(), event.secret)) return wrongSignature('x-callback-token', 'token');
      return readXendit(bodyOf(event), event.secret);
    default:
      return assertNever(provider);
  }
}

function isFlinksSignature({ bytes, signature, secret }: SignedEvent): boolean {
  const [, hex] = /^(?:sha256=)?([0-9a-f]{64})$/i.exec(signature.trim()) ?? [];
  if (hex === undefined || secret === '') return false;
  return timingSafeEqual(Buffer.from(hex, 'hex'), createHmac('sha256', secret).update(bytes).digest());
}

/** In constant time whatever the lengths: it is the digests that are compared. */
function isSameText(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return expected !== '' && timingSafeEqual(digest(given), digest(expected));
}

function readFlinks(body: Body, secret: string): EventReading {
  if (body === null) return unreadable;
  if (textField(body, 'type') !== 'SessionSetupStatusChanged') return notASessionEvent('SessionSetupStatusChanged');
  const payload = asBody(body['payload']);
  const sessionId = textField(payload, 'sessionId');
  if (sessionId === null) return unreadable;
  return eventFrom(flinksSessionIn(payload, sessionId, [secret]), sessionId, textField(body, 'when'));
}

function readXendit(body: Body, secret: string): EventReading {
  if (body === null) return unreadable;
  if (textField(body, 'event')?.startsWith('payment_session.') !== true) return notASessionEvent('payment_session.*');
  const data = asBody(body['data']);
  const sessionId = textField(data, 'payment_session_id');
  if (sessionId === null) return unreadable;
  return eventFrom(xenditSessionIn(data, sessionId, [secret]), sessionId, textField(body, 'created'));
}

function eventFrom(reading: SessionReading, sessionId: string, when: string | null): EventReading {
  return reading.kind === 'found' ? { kind: 'event', sessionId, session: reading.session, when } : unreadable;
}

function bodyOf({ bytes }: SignedEvent): Body {
  return parseBody(Buffer.from(bytes).toString('utf8'));
}

const unreadable: EventReading = {
  kind: 'refused',
  why: 'body_unreadable',
  message:
    'The signature fits, but the event does not name a session and its status. Paste the whole body of the ' +
    'event. Nothing was changed.',
};

function notASessionEvent(expected: string): EventReading {
  return {
    kind: 'refused',
    why: 'not_a_session_event',
    message: `This is not a session event (${expected}). Nothing was changed.`,
  };
}

function wrongSignature(header: string, secret: string): EventReading {
  return {
    kind: 'refused',
    why: 'signature_wrong',
    message:
      `The ${header} does not fit the event. Check that the body is exactly as it was received and that the ` +
      `${secret} is that of this environment. Nothing was changed.`,
  };
}
