/** The database thread: opens the file, then answers requests. All SQL of the console runs here, none on the main thread. */
import { parentPort, workerData } from 'node:worker_threads';
import { isDeskError } from '../../contract/index.ts';
import { AuditLog } from './audit-chain/audit-log.ts';
import { keyIdOf } from './audit-chain/record-mac.ts';
import { runErrand, type Errand } from './maintenance-task.ts';
import { kyselyOver } from './kysely.ts';
import { openDatabase, type OpenDatabase } from './open-database.ts';
import { reads, writes, type Context } from './operations/index.ts';
import { openingId, type AuditNotice, type StoreReply, type StoreRequest, type WorkerOptions } from './worker-protocol.ts';
import { troubleOf } from './sqlite-error.ts';

interface Serving extends Context {
  /** The group's transaction is durable. */
  committed(): void;
}

type OperationRequest = Exclude<StoreRequest, { name: 'close' | 'forget' }>;
type Operation = (context: Context, input: unknown) => unknown;
type Slices = AsyncGenerator<void, unknown, void>;

interface Waiting {
  readonly request: Exclude<StoreRequest, { name: 'forget' }>;
  /** Of a read that has begun and goes on from here. */
  readonly slices?: Slices;
}

if (!parentPort) throw new Error('The database worker is started by the store, not by itself.');
const port = parentPort;
const options = workerData as WorkerOptions;
const waiting: Waiting[] = [];
let draining = false;

if ('errand' in workerData) {
  const done = attempt(() => runErrand(workerData as Errand));
  port.postMessage({ id: openingId, ...(done.ok ? { ok: true, value: null } : done) } satisfies StoreReply);
} else begin();

function begin(): void {
  const opened = attempt(() => {
    const open = openDatabase(options.folder, options.restoreFrom ?? null);
    try {
      return { open, audit: beginAudit(open) };
    } catch (error) {
      open.close();
      throw error;
    }
  });
  if (!opened.ok) return port.postMessage({ id: openingId, ok: false, error: opened.error } satisfies StoreReply);
  const { open, audit } = opened.value;
  serve(open, audit);
  const { tornWrite, isBig } = open;
  port.postMessage({ id: openingId, ok: true, value: { head: audit.head, tornWrite, isBig } } satisfies StoreReply);
}

/** Durable before anything else is recorded: what is amiss with the log must not be covered up by what comes after. */
function beginAudit({ sqlite, tornWrite, restored }: OpenDatabase): AuditLog {
  const key = options.auditKey;
  const audit = new AuditLog(sqlite, { operator: options.operator, host: options.host, keyId: keyIdOf(key), key });
  sqlite.exec('BEGIN IMMEDIATE');
  audit.begin(options.auditKeyPlace ?? 'this_run', options.auditHead ?? null, tornWrite);
  if (restored) {
    const detail = `${restored.from}; ${restored.recordsKept} later audit records kept`;
    audit.append({ action: 'database_restored', detail });
  }
  audit.noteTail();
  sqlite.exec('COMMIT');
  return audit;
}

function serve(open: OpenDatabase, audit: AuditLog): void {
  let noticed = audit.mark;
  const context: Serving = {
    database: kyselyOver(open.sqlite),
    sqlite: open.sqlite,
    audit,
    get identity() {
      return audit.identity;
    },
    committed: () => {
      if (audit.mark !== noticed) port.postMessage({ head: audit.head } satisfies AuditNotice);
      noticed = audit.mark;
    },
  };
  port.on('message', (request: StoreRequest) => {
    if (request.name === 'forget') return forget(request.id);
    waiting.push({ request });
    if (draining) return;
    draining = true;
    // Once round the event loop, so that writes posted together are found together.
    setImmediate(() => void drain(open, context));
  });
}

/** All writes that wait go first, in one transaction; then one read or a slice of one, so that a slow query holds up no intent. */
async function drain(open: OpenDatabase, context: Serving): Promise<void> {
  while (waiting.length > 0) {
    const group = takeWrites();
    if (group.length > 0) await commitTogether(open, context, group);
    const [next] = waiting.splice(0, 1);
    if (next?.request.name === 'close' && waiting.length === 0) {
      open.close();
      port.postMessage({ id: next.request.id, ok: true, value: null } satisfies StoreReply);
      port.close();
      return;
    }
    // What was asked before is finished first, slice by slice.
    if (next?.request.name === 'close') waiting.push(next);
    else if (next) await readOn(next.request, context, next.slices);
    // Lets what arrived meanwhile in, before the next turn.
    await new Promise((resolve) => setImmediate(resolve));
  }
  draining = false;
}

/** A read that works in slices stands in line again after each: what came meanwhile goes before its next one. */
async function readOn(request: OperationRequest, context: Serving, begun?: Slices): Promise<void> {
  const rest: Slices[] = [];
  const answer = await reply(request.id, async () => {
    const read = begun ?? (reads[request.name as keyof typeof reads] as Operation)(context, request.input);
    if (!isSlices(read)) return await read;
    const { done, value } = await read.next();
    if (!done) rest.push(read);
    return value;
  });
  const [slices] = rest;
  if (slices) waiting.push({ request, slices });
  else port.postMessage(answer);
}

function isSlices(read: unknown): read is Slices {
  return typeof read === 'object' && read !== null && Symbol.asyncIterator in read;
}

/** A read that has not begun never will, and one in slices ends after the slice it is in; a write is carried out all the same. */
function forget(id: number): void {
  const index = waiting.findIndex(({ request }) => request.id === id && request.name in reads);
  if (index >= 0) waiting.splice(index, 1);
}

function takeWrites(): OperationRequest[] {
  const isWrite = ({ request }: Waiting) => request.name in writes;
  const taken = waiting.filter(isWrite);
  if (taken.length > 0) waiting.splice(0, waiting.length, ...waiting.filter((each) => !isWrite(each)));
  return taken.map(({ request }) => request as OperationRequest);
}

/** One durable commit for the whole group; a write that fails is undone alone, a commit that fails fails them all. */
async function commitTogether({ sqlite }: OpenDatabase, context: Serving, group: OperationRequest[]): Promise<void> {
  const replies: StoreReply[] = [];
  const { audit } = context;
  const before = audit.mark;
  try {
    sqlite.exec('BEGIN IMMEDIATE');
    for (const request of group) {
      const mark = audit.mark;
      sqlite.exec('SAVEPOINT one');
      const answer = await reply(request.id, () =>
        (writes[request.name as keyof typeof writes] as Operation)(context, request.input),
      );
      sqlite.exec(answer.ok ? 'RELEASE one' : 'ROLLBACK TO one; RELEASE one');
      if (!answer.ok) audit.undoTo(mark);
      replies.push(answer);
    }
    if (audit.mark !== before) audit.noteTail();
    sqlite.exec('COMMIT');
  } catch (error) {
    attempt(() => sqlite.exec('ROLLBACK'));
    audit.undoTo(before);
    const failed = failure(error);
    for (const { id } of group) port.postMessage({ id, ok: false, error: failed } satisfies StoreReply);
    return;
  }
  // First, so that whoever has an answer also knows the log that holds its record.
  context.committed();
  for (const answer of replies) port.postMessage(answer);
}

async function reply(id: number, operation: () => unknown): Promise<StoreReply> {
  try {
    return { id, ok: true, value: (await operation()) as Extract<StoreReply, { ok: true }>['value'] };
  } catch (error) {
    return { id, ok: false, error: failure(error) };
  }
}

function attempt<Value>(
  action: () => Value,
): { ok: true; value: Value } | { ok: false; error: Extract<StoreReply, { ok: false }>['error'] } {
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
