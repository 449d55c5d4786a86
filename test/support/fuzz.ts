/** Sends arbitrary messages to a real application through a host, and checks every response. */
import fc from 'fast-check';
import { callError, calls } from '../../src-main/contract/index.ts';
import type { CallName, Envelope } from '../../src-main/contract/index.ts';
import type { App } from '../../src-main/core/app.ts';
import { arbitraryMessages } from './arbitrary-messages.ts';
import type { FuzzMessage } from './arbitrary-messages.ts';
import { addConnections, unreachableProvider } from './app.ts';

export type SendMessage = (message: FuzzMessage) => Promise<Envelope<unknown>>;

/** Slow calls: a valid message opens or closes a database, writes a file or waits. */
const rareCalls: readonly CallName[] = [
  'workspace.open',
  'backups.restore',
  'backups.create',
  'audit.verify',
  'audit.export',
  'feeds.run',
  'exports.wait',
];

/** Adds two connections without a server, and 30 imported sessions. Returns the connection ids. */
export async function seedFuzzData(app: App): Promise<string[]> {
  const { flinks, xendit } = await addConnections(app, unreachableProvider);
  const lines = Array.from(
    { length: 30 },
    (_, index) => `ps-${String(index).padStart(24, '6')},order-${index},12.50,IDR,ACTIVE`,
  );
  const text = Buffer.from(`id,reference,amount,currency,status\n${lines.join('\n')}\n`);
  const begin = calls['imports.start'].input.parse({
    connectionId: xendit.id,
    product: 'payment_session',
    fileName: 'a.csv',
  });
  const { importId } = await app.handlers['imports.start'](begin);
  await app.handlers['imports.addChunk']({ importId, offset: 0, bytes: text.toString('base64') });
  await app.handlers['imports.finish']({ importId });
  return [flinks.id, xendit.id];
}

/** Built-in prototypes, to detect prototype pollution. */
const builtinPrototypes = [Object.prototype, Array.prototype, Function.prototype, String.prototype, Promise.prototype];
const initialKeyCounts = builtinPrototypes.map((prototype) => Reflect.ownKeys(prototype).length);

/**
 * Sends `count` messages, up to 8 at a time, and adds ids of responses to `knownTexts`. Returns the number of responses
 * by error code. Throws if a response is not an envelope of the contract or reports an unexpected error, or if a
 * message causes an unhandled rejection or changes a built-in prototype. Does not resolve if a message gets no
 * response.
 */
export async function fuzz(
  send: SendMessage,
  knownTexts: string[],
  count: number,
  seed: number,
): Promise<Readonly<Record<string, number>>> {
  const unhandled: unknown[] = [];
  const recordRejection = (error: unknown) => void unhandled.push(error);
  process.on('unhandledRejection', recordRejection);
  const counts: Record<string, number> = {};
  try {
    const sampleSize = 250;
    for (let done = 0; done < count; done += sampleSize) {
      const messages = fc.sample(arbitraryMessages(knownTexts, rareCalls), {
        numRuns: Math.min(sampleSize, count - done),
        seed: seed + done,
      });
      for (let index = 0; index < messages.length; index += 8) {
        const concurrentMessages = messages.slice(index, index + 8);
        const codes = await Promise.all(concurrentMessages.map((message) => sendAndCheck(send, message, knownTexts)));
        for (const code of codes) counts[code] = (counts[code] ?? 0) + 1;
      }
      builtinPrototypes.forEach((prototype, index) => {
        if (Reflect.ownKeys(prototype).length !== initialKeyCounts[index])
          throw new Error(`A message changed a built-in prototype (seed ${seed + done}).`);
      });
      if (unhandled.length > 0)
        throw new Error(`A message caused an unhandled rejection (seed ${seed + done}).`, {
          cause: unhandled[0],
        });
    }
  } finally {
    process.off('unhandledRejection', recordRejection);
  }
  return counts;
}

/** Returns the error code of the response, or `ok`. Adds the first id of the response to `knownTexts`. */
async function sendAndCheck(send: SendMessage, message: FuzzMessage, knownTexts: string[]): Promise<string> {
  const envelope = await send(message);
  const violation = contractViolation(message, envelope);
  if (violation !== undefined)
    throw new Error(
      `${String(message.name)} ${violation}: ${formatInput(message.input)}\n${JSON.stringify(envelope).slice(0, 500)}`,
    );
  if (!envelope.ok) return envelope.error.code;
  const [id] =
    /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/.exec((JSON.stringify(envelope.value) as string | undefined) ?? '') ??
    [];
  if (id !== undefined && !knownTexts.includes(id))
    knownTexts.splice(2 + (knownTexts.length % 20), knownTexts.length > 30 ? 1 : 0, id);
  return 'ok';
}

function contractViolation({ name }: FuzzMessage, envelope: Envelope<unknown>): string | undefined {
  if (envelope.ok)
    return calls[name as CallName].output.safeParse(envelope.value).success
      ? undefined
      : 'returned a value that does not match its schema';
  if (!callError.strict().safeParse(envelope.error).success) return 'returned an error that does not match its schema';
  return envelope.error.code === 'internal' || envelope.error.code === 'too_many_calls'
    ? `failed with ${envelope.error.code}`
    : undefined;
}

function formatInput(input: unknown): string {
  try {
    return JSON.stringify(input).slice(0, 2_000);
  } catch {
    return 'an input that is not JSON';
  }
}
