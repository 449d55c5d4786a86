/** Validates and runs the calls of the contract, and forwards its events. Every host uses this module. */
import { randomBytes } from 'node:crypto';
import {
  AppError,
  callError,
  calls,
  coreEvents,
  createMessage,
  getErrorCode,
  isAppError,
  isPlainMessageKey,
} from '../contract/index.ts';
import type {
  CallError,
  CallName,
  CoreCallHandlers,
  CoreEventName,
  Envelope,
  ErrorCode,
  EventName,
  HostCallHandlers,
  Message,
} from '../contract/index.ts';
import type { App, Logger } from '../core/app.ts';

/** Maximum total length of all texts and property names of an input, in characters. */
export const maxInputLength = 1_000_000;
/** The largest input of the renderer is a selection of 100,000 sessions. */
const maxInputValues = 250_000;
/** More than twice the depth of the deepest input of the contract. */
const maxInputDepth = 16;

/**
 * Runs a call and returns its envelope; never rejects. `name` and `rawInput` are untrusted. The output is parsed with
 * its schema too, so that fields outside the schema are removed and an invalid output becomes an error of code
 * `internal`.
 */
export async function dispatchCall(
  coreHandlers: CoreCallHandlers,
  hostHandlers: HostCallHandlers,
  name: unknown,
  rawInput: unknown,
  log: Logger,
): Promise<Envelope<unknown>> {
  if (!isCallName(name)) return errorEnvelope('unknown_call', createMessage('app.callUnknown'));
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
    const handlers = Object.hasOwn(hostHandlers, name) ? hostHandlers : coreHandlers;
    // TypeScript cannot relate the handler to the schema of the same name.
    const handler = Reflect.get(handlers, name) as (parsedInput: unknown) => Promise<unknown>;
    return { ok: true, value: contract.output.parse(await handler(input.data)) };
  } catch (error) {
    return { ok: false, error: toExpectedError(error) ?? logIncident(name, error, log) };
  }
}

/** For a host without a native menu and without access to the clipboard. */
export const ignoredHostCalls: HostCallHandlers = {
  'app.setLanguage': () => Promise.resolve({}),
  'app.expireClipboard': () => Promise.resolve({}),
};

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
  return isAppError(error) ? callError.safeParse(error).data : undefined;
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
  const code = getErrorCode(error) ?? undefined;
  const frames = error.stack
    ?.split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 12)
    .map((line) => line.trim());
  return { kind: error.name, code, frames };
}

/** Why an input is rejected, or undefined. Allows only JSON values and `undefined`. */
export function validateInputLimits(input: unknown): 'too_large' | 'not_plain_data' | undefined {
  let characters = 0;
  let values = 0;
  const pending: [value: unknown, depth: number][] = [[input, 0]];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [value, depth] = next;
    if (typeof value === 'string') characters += value.length;
    else if (typeof value === 'object' && value !== null) {
      const prototype: unknown = Object.getPrototypeOf(value);
      if (prototype !== Object.prototype && prototype !== Array.prototype && prototype !== null)
        return 'not_plain_data';
      // A sparse array can have a length of 4 billion without elements.
      const size = Array.isArray(value) ? value.length : Object.keys(value).length;
      if ((values += size) > maxInputValues || depth >= maxInputDepth) return 'too_large';
      for (const [name, inner] of Object.entries(value)) {
        characters += Array.isArray(value) ? 0 : name.length;
        pending.push([inner, depth + 1]);
      }
    } else if (typeof value === 'bigint' || typeof value === 'function' || typeof value === 'symbol')
      return 'not_plain_data';
    if (characters > maxInputLength) return 'too_large';
  }
  return undefined;
}

export type SendEvent = (name: EventName, payload: unknown) => void;

/**
 * Passes every event of core to `send`. Each payload is parsed with its schema, which removes all other fields. Returns
 * a function that stops forwarding.
 */
export function forwardEvents(coreApp: Pick<App, 'on'>, send: SendEvent, log: Logger): () => void {
  const unsubscribers = (Object.keys(coreEvents) as CoreEventName[]).map((name) =>
    coreApp.on(name, (payload) => {
      const parsed = coreEvents[name].safeParse(payload);
      if (parsed.success) send(name, parsed.data);
      else
        log.error(
          { event: name, field: parsed.error.issues[0]?.path.join('.') },
          'Event discarded: it does not match its schema',
        );
    }),
  );
  return () => unsubscribers.forEach((unsubscribe) => unsubscribe());
}
