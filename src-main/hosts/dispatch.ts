/** Validates and runs a call of the contract. Every host uses this module. */
import { randomBytes } from 'node:crypto';
import { AppError, callError, calls, createMessage, isAppError, isPlainMessageKey } from '../contract/index.ts';
import type {
  CallError,
  CallName,
  CallHandlers,
  CoreCallHandlers,
  Envelope,
  ErrorCode,
  Message,
} from '../contract/index.ts';
import type { Logger } from '../core/app.ts';
import { validateInputLimits } from './input-limits.ts';

/**
 * Runs a call and returns its envelope; never rejects. `name` and `rawInput` are untrusted. The output is parsed with
 * its schema too, so that fields outside the schema are removed and an invalid output becomes an error of code
 * `internal`.
 */
export async function dispatchCall(
  handlers: CoreCallHandlers & Partial<CallHandlers>,
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
    // The schemas of the contract use message keys as zod messages.
    const key = issue && isPlainMessageKey(issue.message) ? issue.message : 'app.inputInvalid';
    return errorEnvelope('invalid_input', createMessage(key), { field: issue?.path.join('.') ?? '' });
  }
  try {
    // TypeScript cannot relate the handler to the schema of the same name.
    const handler = handlers[name] as (parsedInput: unknown) => Promise<unknown>;
    return { ok: true, value: contract.output.parse(await handler(input.data)) };
  } catch (error) {
    return { ok: false, error: toExpectedError(error) ?? logIncident(name, error, log) };
  }
}

/** The envelope of a call that is declined before its handler runs. */
export function errorEnvelope(
  code: ErrorCode,
  message: Message,
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

/** Logs an unexpected error under an incident id. The error message may contain secrets, so it is not logged. */
function logIncident(name: CallName, error: unknown, log: Logger): CallError {
  const id = randomBytes(4).toString('hex');
  log.error({ incident: id, call: name, ...sanitizeError(error) }, 'Call failed with an unexpected error');
  return new AppError('internal', createMessage('app.unexpected', { id }), { details: { incident: id } }).toCallError();
}

/** The kind, code and stack frames of an error, without its message. */
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
