/** Xendit's bodies: the session object that get, cancel and events share, and the error object. */
import type { ErrorWords, SessionReading } from '../result-mapping.ts';
import { amountField, instantField, parseBody, textField, type Body } from '../response-parser.ts';
import { shortWord } from '../redact.ts';
import { stateFrom } from '../status-mapping.ts';
import { states } from './mappings.ts';

/**
 * Takes from a session what the console keeps: no link, SDK key, customer or metadata. Only the id and the status must
 * be there (providers.md contradiction 26); `hide` are texts that must not appear.
 */
export function readSession(text: string, id: string, hide: readonly string[]): SessionReading {
  return sessionIn(parseBody(text), id, hide);
}

export function sessionIn(body: Body, id: string, hide: readonly string[]): SessionReading {
  const echoed = textField(body, 'payment_session_id');
  const rawStatus = shortWord(textField(body, 'status'), hide, 64);
  if (echoed === null || rawStatus === null) return { kind: 'unreadable', cause: 'answer_unreadable' };
  if (echoed !== id) return { kind: 'unreadable', cause: 'wrong_session_answered' };
  return {
    kind: 'found',
    session: {
      ...stateFrom(states, rawStatus, null),
      rawStatus,
      rawDetail: null,
      reference: shortWord(textField(body, 'reference_id'), hide),
      amount: amountField(body),
      currency: shortWord(textField(body, 'currency'), hide, 8),
      createdAt: instantField(body, 'created'),
      expiresAt: instantField(body, 'expires_at'),
      paymentInFlight: hasPayment(body),
    },
  };
}

/**
 * Ids are opaque (contradiction 30): it is enough that one is there. A saved method is no payment where saving was all
 * there was to do.
 */
function hasPayment(body: Body): boolean {
  if (textField(body, 'payment_request_id') !== null || textField(body, 'payment_id') !== null) return true;
  return textField(body, 'payment_token_id') !== null && textField(body, 'session_type')?.toUpperCase() !== 'SAVE';
}

/** `{ error_code, message, errors? }`; other Xendit products say `errorCode` or `error`. */
export function errorWords(text: string): ErrorWords {
  const body = parseBody(text);
  return {
    code: textField(body, 'error_code') ?? textField(body, 'errorCode') ?? textField(body, 'error'),
    message: textField(body, 'message'),
  };
}
