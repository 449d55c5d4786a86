/** Flinks Pay's bodies: status, details, cancel and events share a few fields; the payer is left at the door. */
import type { ErrorWords, SessionReading } from '../result-mapping.ts';
import { amountField, instantField, parseBody, textField, type Body } from '../response-parser.ts';
import { shortWord } from '../redact.ts';
import { stateFrom } from '../status-mapping.ts';
import { states } from './mappings.ts';

/** Reads an answer about session `id`; `hide` are texts that must not appear. */
export function readSession(text: string, id: string, hide: readonly string[]): SessionReading {
  return sessionIn(parseBody(text), id, hide);
}

export function sessionIn(body: Body, id: string, hide: readonly string[]): SessionReading {
  const echoed = textField(body, 'sessionId');
  const status = textField(body, 'status');
  const code = textField(body, 'statusDetails');
  const rawStatus = shortWord(status, hide, 64);
  const rawDetail = shortWord(code, hide, 64);
  const isToldApart = rawStatus !== null || (status === null && rawDetail?.toUpperCase() === 'EFT0501');
  if (echoed === null || !isToldApart) return { kind: 'unreadable', cause: 'answer_unreadable' };
  // UUIDs: the same in either case.
  if (echoed.toLowerCase() !== id.toLowerCase()) return { kind: 'unreadable', cause: 'wrong_session_answered' };
  return {
    kind: 'found',
    session: {
      ...stateFrom(states, rawStatus, code),
      rawStatus: rawStatus ?? '',
      rawDetail,
      reference: shortWord(textField(body, 'referenceId'), hide),
      amount: amountField(body),
      currency: shortWord(textField(body, 'currency'), hide, 8),
      createdAt: instantField(body, 'createdAt'),
      expiresAt: null,
      paymentInFlight: false,
    },
  };
}

/** Both error shapes (contradiction 2), or a plain text. The body's own `status` is not looked at. */
export function errorWords(text: string): ErrorWords {
  const body = parseBody(text);
  if (body !== null) {
    const code = textField(body, 'error');
    const detail = textField(body, 'detail') ?? textField(body, 'error_description');
    return { code, message: detail ?? textField(body, 'title') ?? code };
  }
  // A page, or JSON that is broken or no object, says nothing to an operator; nor does what holds no word.
  const plain = text.trim();
  return { code: null, message: /^[<{[]/.test(plain) || !/\p{L}/u.test(plain) ? null : plain };
}
