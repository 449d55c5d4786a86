/** From a raw call to its envelope: the one place where a call of the contract is checked, whatever the host. */
import { randomBytes } from 'node:crypto';
import { callError, calls, isAppError } from '../contract/index.ts';
import type { CallError, CallName, Envelope, ErrorCode, CallHandlers } from '../contract/index.ts';
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
    return errorEnvelope('unknown_call', 'The console knows no such call. Close the console and start it again.');
  }
  const contract = calls[name];
  if (validateInputLimits(rawInput) !== undefined)
    return errorEnvelope('invalid_input', 'The input is too long or not plain data. Enter less at once.');
  const input = contract.input.safeParse(rawInput);
  if (!input.success) {
    const [issue] = input.error.issues;
    return errorEnvelope('invalid_input', issue?.message ?? 'The input is not valid.', {
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
  message: string,
  details: CallError['details'] = {},
  retryable = false,
): Envelope<never> {
  return { ok: false, error: { code, message, retryable, details } };
}

function isCallName(name: unknown): name is CallName {
  return typeof name === 'string' && Object.hasOwn(calls, name);
}

function toExpectedError(error: unknown): CallError | undefined {
  if (!isAppError(error)) return undefined;
  const { code, message, retryable, details } = error;
  return callError.safeParse({ code, message, retryable, details }).data;
}

/** What nobody foresaw: its message may hold anything, so only its kind and place are logged, under an id to quote. */
function logIncident(name: CallName, error: unknown, log: Logger): CallError {
  const id = randomBytes(4).toString('hex');
  log.error({ incident: id, call: name, ...sanitizeError(error) }, 'A call failed in a way that was not foreseen');
  return {
    code: 'internal',
    message: `The console failed while answering. Nothing more is known here; the log has it as incident ${id}.`,
    retryable: false,
    details: { incident: id },
  };
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
