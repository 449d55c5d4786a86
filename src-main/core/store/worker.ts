/** The database thread: opens the file, then answers requests. All SQL of the console runs here, none on the main thread. */
import { createHash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { isDeskError } from '../../contract/index.ts';
import { kyselyOver } from './kysely.ts';
import { openDatabase, type OpenDatabase } from './open.ts';
import { reads, writes, type Context } from './operations/index.ts';
import { openingId, type AuditNotice, type StoreReply, type StoreRequest, type WorkerOptions } from './protocol.ts';
import { troubleOf } from './trouble.ts';

interface Serving extends Context {
  /** The group's transaction is durable. */
  committed(): void;
}

type Operation = (context: Context, input: unknown) => Promise<unknown>;

if (!parentPort) throw new Error('The database worker is started by the store, not by itself.');
const port = parentPort;
const options = workerData as WorkerOptions;
const waiting: StoreRequest[] = [];
let draining = false;

const opened = attempt(() => openDatabase(options.folder));
if (opened.ok) {
  serve(opened.value);
  port.postMessage({ id: openingId, ok: true, value: null } satisfies StoreReply);
} else {
  port.postMessage({ id: openingId, ok: false, error: opened.error } satisfies StoreReply);
}

function serve(open: OpenDatabase): void {
  const keyId = createHash('sha256').update('session-desk audit key id\n').update(options.auditKey).digest('hex').slice(0, 16);
  let lastSequence = 0;
  const context: Serving = {
    database: kyselyOver(open.sqlite),
    sqlite: open.sqlite,
    identity: { operator: options.operator, host: options.host, keyId, key: options.auditKey },
    appended: (sequence) => (lastSequence = sequence),
    committed: () => {
      if (lastSequence > 0) port.postMessage({ lastSequence } satisfies AuditNotice);
      lastSequence = 0;
    },
  };
  port.on('message', (request: StoreRequest) => {
    waiting.push(request);
    if (draining) return;
    draining = true;
    // Once round the event loop, so that writes posted together are found together.
    setImmediate(() => void drain(open, context));
  });
}

/** All writes that wait go first, in one transaction; then one read, so that a slow query holds up no intent. */
async function drain(open: OpenDatabase, context: Serving): Promise<void> {
  while (waiting.length > 0) {
    const group = take((request) => request.name in writes);
    if (group.length > 0) await commitTogether(open, context, group);
    const [next] = waiting.splice(0, 1);
    if (next?.name === 'close') {
      open.close();
      port.postMessage({ id: next.id, ok: true, value: null } satisfies StoreReply);
      port.close();
      return;
    }
    if (next) port.postMessage(await reply(next.id, () => (reads[next.name as keyof typeof reads] as Operation)(context, next.input)));
    // Lets what arrived meanwhile in, before the next turn.
    await new Promise((resolve) => setImmediate(resolve));
  }
  draining = false;
}

function take(matches: (request: StoreRequest) => boolean): Exclude<StoreRequest, { name: 'close' }>[] {
  const taken = waiting.filter(matches);
  if (taken.length > 0) waiting.splice(0, waiting.length, ...waiting.filter((request) => !matches(request)));
  return taken as Exclude<StoreRequest, { name: 'close' }>[];
}

/** One durable commit for the whole group; a write that fails is undone alone, a commit that fails fails them all. */
async function commitTogether({ sqlite }: OpenDatabase, context: Serving, group: Exclude<StoreRequest, { name: 'close' }>[]): Promise<void> {
  const replies: StoreReply[] = [];
  try {
    sqlite.exec('BEGIN IMMEDIATE');
    for (const request of group) {
      sqlite.exec('SAVEPOINT one');
      const answer = await reply(request.id, () => (writes[request.name as keyof typeof writes] as Operation)(context, request.input));
      sqlite.exec(answer.ok ? 'RELEASE one' : 'ROLLBACK TO one; RELEASE one');
      replies.push(answer);
    }
    sqlite.exec('COMMIT');
  } catch (error) {
    attempt(() => sqlite.exec('ROLLBACK'));
    const failed = failure(error);
    for (const { id } of group) port.postMessage({ id, ok: false, error: failed } satisfies StoreReply);
    return;
  }
  for (const answer of replies) port.postMessage(answer);
  context.committed();
}

async function reply(id: number, operation: () => Promise<unknown>): Promise<StoreReply> {
  try {
    return { id, ok: true, value: (await operation()) as Extract<StoreReply, { ok: true }>['value'] };
  } catch (error) {
    return { id, ok: false, error: failure(error) };
  }
}

function attempt<Value>(action: () => Value): { ok: true; value: Value } | { ok: false; error: Extract<StoreReply, { ok: false }>['error'] } {
  try {
    return { ok: true, value: action() };
  } catch (error) {
    return { ok: false, error: failure(error) };
  }
}

function failure(error: unknown): Extract<StoreReply, { ok: false }>['error'] {
  const trouble = troubleOf(error, options.folder);
  if (isDeskError(trouble)) return trouble.toCallError();
  return trouble instanceof Error ? trouble.message : String(trouble);
}
