import { AppError, createMessage } from '../../src-main/contract/index.ts';
import type { CallError, ErrorCode, Message } from '../../src-main/contract/index.ts';

/** An error as a call returns it, with a text that no translation exists for. */
export function fakeCallError(
  code: ErrorCode,
  text: string,
  options: { retryable?: boolean; details?: CallError['details'] } = {},
): CallError {
  return new AppError(code, fakeMessage(text), options).toCallError();
}

/** A message with a text that no translation exists for. */
export function fakeMessage(text: string): Message {
  return createMessage('app.verbatim', { text });
}
