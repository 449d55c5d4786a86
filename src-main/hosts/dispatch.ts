/** From a raw call to its envelope: the one place where a call of the contract is checked, whatever the host. */
import { randomBytes } from 'node:crypto';
import { AppError, callError, calls, createMessage, isAppError, isMessageKey } from '../contract/index.ts';
import type { CallError, CallName, Envelope, ErrorCode, CallHandlers, Message } from '../contract/index.ts';
import type { Logger } from '../core/app.ts';
import { validateInputLimits } from './input-limits.ts';

/**
 * Answers a call as the screen made it: `name` and `rawInput` are taken as hostile. Never rejects.
 * The output goes through its schema too, always: what the schema does not name cannot leak, and an
 * answer of the wrong shape is found here and not on a screen.
 */
export async function dispatchCall(
  handlers: CallHandlers,
  name: unknown,
  rawInput: unknown,
  log: Logger,
): Promise<Envelope<unknown>> {
  if (!isCallName(name)) {
    return errorEnvelope('unknown_call', createMessage('app.callUnknown'));
  }
  const contract = calls[name];
  if (validateInputLimits(rawInput) !== undefined)
    return errorEnvelope('invalid_input', createMessage('app.inputTooLarge'));
  const input = contract.input.safeParse(rawInput);
  if (!input.success) {
    const [issue] = input.error.issues;
    // The schemas of the contract use the key of a message as zod's message.
    const key = issue && isMessageKey(issue.message) ? issue.message : 'app.inputInvalid';
    return errorEnvelope('invalid_input', createMessage(key as 'app.inputInvalid'), {
      field: issue?.path.join('.') ?? '',
    });
  }
  try {
    // The name picks handler and schema together, which the types cannot follow.
    const handler = handlers[name] as (checked: unknown) => Promise<unknown>;
    return { ok: true, value: contract.output.parse(await handler(input.data)) };
  } catch (error) {
    return { ok: false, error: toExpectedError(error) ?? logIncident(name, error, log) };
  }
}

/** An envelope for a call that is declined before it reaches a handler. */
export function errorEnvelope(
  code: ErrorCode,
  message: Message | string,
  details: CallError['details'] = {},
  retryable = false,
): Envelope<never> {
  return { ok: false, error: new AppError(code, message, { retryable, details }).toCallError() };
}

function isCallName(name: unknown): name is CallName {
  return typeof name === 'string' && Object.hasOwn(calls, name);
}

function toExpectedError(error: unknown): CallError | undefined {
  if (!isAppError(error)) return undefined;
  const { code, message, messageKey, params, retryable, details } = error;
  return callError.safeParse({ code, message, messageKey, params, retryable, details }).data;
}

/** What nobody foresaw: its message may hold anything, so only its kind and place are logged, under an id to quote. */
function logIncident(name: CallName, error: unknown, log: Logger): CallError {
  const id = randomBytes(4).toString('hex');
  log.error({ incident: id, call: name, ...sanitizeError(error) }, 'A call failed in a way that was not foreseen');
  return new AppError('internal', createMessage('app.unexpected', { id }), { details: { incident: id } }).toCallError();
}

/** An error's kind, code and stack frames, without its message. */
export function sanitizeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { kind: typeof error };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const frames = error.stack
    ?.split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 12)
    .map((line) => line.trim());
  return { kind: error.name, code, frames };
}
