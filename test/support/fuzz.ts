/** Sends hostile messages to a real desk through the binding of a host, and looks at every answer. */
import fc from 'fast-check';
import { callError, calls } from '../../src-main/contract/index.ts';
import type { CallName, Envelope } from '../../src-main/contract/index.ts';
import type { App } from '../../src-main/core/app.ts';
import { arbitraryMessages } from './arbitrary-messages.ts';
import type { FuzzMessage } from './arbitrary-messages.ts';
import { addConnections, unreachableProvider } from './app.ts';

export type SendMessage = (message: FuzzMessage) => Promise<Envelope<unknown>>;

/** They open and close databases; a message of theirs that is right is worth a hundred others. */
const rareCalls: readonly CallName[] = [
  'workspace.open',
  'backups.restore',
  'backups.create',
  'audit.verify',
  'audit.export',
  'feeds.run',
  'exports.wait',
];

/** A desk has something to find: two connections, which nobody answers on, and what was made of them. */
export async function seedFuzzData(desk: App): Promise<string[]> {
  const { flinks, xendit } = await addConnections(desk, unreachableProvider);
  const lines = Array.from(
    { length: 30 },
    (_, line) => `ps-${String(line).padStart(24, '6')},order-${line},12.50,IDR,ACTIVE`,
  );
  const text = Buffer.from(`id,reference,amount,currency,status\n${lines.join('\n')}\n`);
  const begin = calls['imports.begin'].input.parse({
    connectionId: xendit.id,
    product: 'payment_session',
    fileName: 'a.csv',
  });
  const { importId } = await desk.handlers['imports.begin'](begin);
  await desk.handlers['imports.chunk']({ importId, offset: 0, bytes: text.toString('base64') });
  await desk.handlers['imports.finish']({ importId });
  return [flinks.id, xendit.id];
}

/** The objects that everything inherits from, with all that they have. */
const builtinPrototypes = [Object.prototype, Array.prototype, Function.prototype, String.prototype, Promise.prototype];
const initialKeyCounts = builtinPrototypes.map((root) => Reflect.ownKeys(root).length);

/**
 * Delivers `count` messages, a few at a time as a screen does; `known` is added to. Throws where one was not answered with an envelope of the
 * contract, took longer than ten seconds, was an incident (something nobody foresaw), or left anything behind in the process.
 */
export async function fuzz(
  deliver: SendMessage,
  known: string[],
  count: number,
  seed: number,
): Promise<Readonly<Record<string, number>>> {
  const unhandled: unknown[] = [];
  const note = (error: unknown) => void unhandled.push(error);
  process.on('unhandledRejection', note);
  const tally: Record<string, number> = {};
  try {
    const batch = 250;
    for (let done = 0; done < count; done += batch) {
      const made = fc.sample(arbitraryMessages(known, rareCalls), {
        numRuns: Math.min(batch, count - done),
        seed: seed + done,
      });
      for (let at = 0; at < made.length; at += 8) {
        const codes = await Promise.all(made.slice(at, at + 8).map((message) => sendAndCheck(deliver, message, known)));
        for (const code of codes) tally[code] = (tally[code] ?? 0) + 1;
      }
      builtinPrototypes.forEach((root, place) => {
        if (Reflect.ownKeys(root).length !== initialKeyCounts[place])
          throw new Error(`A message has changed what every object inherits from (seed ${seed + done}).`);
      });
      if (unhandled.length > 0)
        throw new Error(`A message left a rejection that nobody handled (seed ${seed + done}).`, {
          cause: unhandled[0],
        });
    }
  } finally {
    process.off('unhandledRejection', note);
  }
  return tally;
}

/** The code of an answer, or `answered`. Ids that it names are sent later on. */
async function sendAndCheck(deliver: SendMessage, message: FuzzMessage, known: string[]): Promise<string> {
  const began = performance.now();
  const envelope = await deliver(message);
  const wrong =
    contractViolation(message, envelope) ?? (performance.now() - began > 10_000 ? 'took too long' : undefined);
  if (wrong !== undefined)
    throw new Error(
      `${String(message.name)} ${wrong}: ${formatInput(message.input)}\n${JSON.stringify(envelope).slice(0, 500)}`,
    );
  if (!envelope.ok) return envelope.error.code;
  const [id] =
    /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/.exec((JSON.stringify(envelope.value) as string | undefined) ?? '') ??
    [];
  if (id !== undefined && !known.includes(id)) known.splice(2 + (known.length % 20), known.length > 30 ? 1 : 0, id);
  return 'answered';
}

function contractViolation({ name }: FuzzMessage, envelope: Envelope<unknown>): string | undefined {
  if (envelope.ok)
    return calls[name as CallName].output.safeParse(envelope.value).success
      ? undefined
      : 'was answered in another shape';
  if (!callError.strict().safeParse(envelope.error).success) return 'was refused in another shape';
  return envelope.error.code === 'internal' || envelope.error.code === 'too_many_calls'
    ? `ended as ${envelope.error.code}`
    : undefined;
}

function formatInput(input: unknown): string {
  try {
    return JSON.stringify(input).slice(0, 2_000);
  } catch {
    return 'an input that is no JSON';
  }
}
