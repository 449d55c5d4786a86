/** The database thread: opens the file, then answers requests. All SQL of the console runs here, none on the main thread. */
import { parentPort, workerData } from 'node:worker_threads';
import { isAppError } from '../../contract/index.ts';
import { AuditLog } from './audit-chain/audit-log.ts';
import { deriveKeyId } from './audit-chain/record-mac.ts';
import { runMaintenanceTask, type MaintenanceTask } from './maintenance-task.ts';
import { createKysely } from './kysely.ts';
import { openDatabase, type OpenDatabase } from './open-database.ts';
import { reads, writes, type OperationContext } from './operations/index.ts';
import {
  openRequestId,
  type AuditHeadUpdate,
  type StoreReply,
  type StoreRequest,
  type WorkerOptions,
} from './worker-protocol.ts';
import { toAppError } from './sqlite-error.ts';

interface WorkerContext extends OperationContext {
  /** The group's transaction is durable. */
  notifyCommitted(): void;
}

type OperationRequest = Exclude<StoreRequest, { name: 'close' | 'cancel' }>;
type Operation = (context: OperationContext, input: unknown) => unknown;
type SlicedRead = AsyncGenerator<void, unknown, void>;

interface QueuedRequest {
  readonly request: Exclude<StoreRequest, { name: 'cancel' }>;
  /** Of a read that has begun and goes on from here. */
  readonly slicedRead?: SlicedRead;
}

if (!parentPort) throw new Error('The database worker is started by the store, not by itself.');
const port = parentPort;
const options = workerData as WorkerOptions;
const queue: QueuedRequest[] = [];
let isDraining = false;

if ('task' in workerData) {
  const done = tryRun(() => runMaintenanceTask(workerData as MaintenanceTask));
  port.postMessage({ id: openRequestId, ...(done.ok ? { ok: true, value: null } : done) } satisfies StoreReply);
} else start();

function start(): void {
  const opened = tryRun(() => {
    const open = openDatabase(options.folder, options.restoreFrom ?? null);
    try {
      return { open, audit: openAuditLog(open) };
    } catch (error) {
      open.close();
      throw error;
    }
  });
  if (!opened.ok) return port.postMessage({ id: openRequestId, ok: false, error: opened.error } satisfies StoreReply);
  const { open, audit } = opened.value;
  serve(open, audit);
  const { incompleteWrite, isIntegrityCheckDeferred } = open;
  port.postMessage({
    id: openRequestId,
    ok: true,
    value: { head: audit.head, incompleteWrite, isIntegrityCheckDeferred },
  } satisfies StoreReply);
}

/** Durable before anything else is recorded: what is amiss with the log must not be covered up by what comes after. */
function openAuditLog({ sqlite, incompleteWrite, restored }: OpenDatabase): AuditLog {
  const key = options.auditKey;
  const audit = new AuditLog(sqlite, { operator: options.operator, host: options.host, keyId: deriveKeyId(key), key });
  sqlite.exec('BEGIN IMMEDIATE');
  audit.recordOpening(options.auditKeySource ?? 'temporary', options.auditHead ?? null, incompleteWrite);
  if (restored) {
    const detail = `${restored.backupName}; ${restored.mergedRecords} later audit records kept`;
    audit.append({ action: 'database_restored', detail });
  }
  audit.saveTail();
  sqlite.exec('COMMIT');
  return audit;
}

function serve(open: OpenDatabase, audit: AuditLog): void {
  let noticed = audit.tail;
  const context: WorkerContext = {
    database: createKysely(open.sqlite),
    sqlite: open.sqlite,
    audit,
    get identity() {
      return audit.identity;
    },
    notifyCommitted: () => {
      if (audit.tail !== noticed) port.postMessage({ head: audit.head } satisfies AuditHeadUpdate);
      noticed = audit.tail;
    },
  };
  port.on('message', (request: StoreRequest) => {
    if (request.name === 'cancel') return cancelRead(request.id);
    queue.push({ request });
    if (isDraining) return;
    isDraining = true;
    // Once round the event loop, so that writes posted together are found together.
    setImmediate(() => void drainQueue(open, context));
  });
}

/** All writes that wait go first, in one transaction; then one read or a slice of one, so that a slow query holds up no intent. */
async function drainQueue(open: OpenDatabase, context: WorkerContext): Promise<void> {
  while (queue.length > 0) {
    const group = dequeueWrites();
    if (group.length > 0) await commitGroup(open, context, group);
    const [next] = queue.splice(0, 1);
    if (next?.request.name === 'close' && queue.length === 0) {
      open.close();
      port.postMessage({ id: next.request.id, ok: true, value: null } satisfies StoreReply);
      port.close();
      return;
    }
    // What was asked before is finished first, slice by slice.
    if (next?.request.name === 'close') queue.push(next);
    else if (next) await runReadSlice(next.request, context, next.slicedRead);
    // Lets what arrived meanwhile in, before the next turn.
    await new Promise((resolve) => setImmediate(resolve));
  }
  isDraining = false;
}

/** A read that works in slices stands in line again after each: what came meanwhile goes before its next one. */
async function runReadSlice(request: OperationRequest, context: WorkerContext, begun?: SlicedRead): Promise<void> {
  const rest: SlicedRead[] = [];
  const answer = await runOperation(request.id, async () => {
    const read = begun ?? (reads[request.name as keyof typeof reads] as Operation)(context, request.input);
    if (!isSlicedRead(read)) return await read;
    const { done, value } = await read.next();
    if (!done) rest.push(read);
    return value;
  });
  const [slicedRead] = rest;
  if (slicedRead) queue.push({ request, slicedRead });
  else port.postMessage(answer);
}

function isSlicedRead(read: unknown): read is SlicedRead {
  return typeof read === 'object' && read !== null && Symbol.asyncIterator in read;
}

/** A read that has not begun never will, and one in slices ends after the slice it is in; a write is carried out all the same. */
function cancelRead(id: number): void {
  const index = queue.findIndex(({ request }) => request.id === id && request.name in reads);
  if (index >= 0) queue.splice(index, 1);
}

function dequeueWrites(): OperationRequest[] {
  const isWrite = ({ request }: QueuedRequest) => request.name in writes;
  const taken = queue.filter(isWrite);
  if (taken.length > 0) queue.splice(0, queue.length, ...queue.filter((each) => !isWrite(each)));
  return taken.map(({ request }) => request as OperationRequest);
}

/** One durable commit for the whole group; a write that fails is undone alone, a commit that fails fails them all. */
async function commitGroup({ sqlite }: OpenDatabase, context: WorkerContext, group: OperationRequest[]): Promise<void> {
  const replies: StoreReply[] = [];
  const { audit } = context;
  const before = audit.tail;
  try {
    sqlite.exec('BEGIN IMMEDIATE');
    for (const request of group) {
      const mark = audit.tail;
      sqlite.exec('SAVEPOINT operation');
      const answer = await runOperation(request.id, () =>
        (writes[request.name as keyof typeof writes] as Operation)(context, request.input),
      );
      sqlite.exec(answer.ok ? 'RELEASE operation' : 'ROLLBACK TO operation; RELEASE operation');
      if (!answer.ok) audit.rollBackTo(mark);
      replies.push(answer);
    }
    if (audit.tail !== before) audit.saveTail();
    sqlite.exec('COMMIT');
  } catch (error) {
    tryRun(() => sqlite.exec('ROLLBACK'));
    audit.rollBackTo(before);
    const failed = serializeError(error);
    for (const { id } of group) port.postMessage({ id, ok: false, error: failed } satisfies StoreReply);
    return;
  }
  // First, so that whoever has an answer also knows the log that holds its record.
  context.notifyCommitted();
  for (const answer of replies) port.postMessage(answer);
}

async function runOperation(id: number, operation: () => unknown): Promise<StoreReply> {
  try {
    return { id, ok: true, value: (await operation()) as Extract<StoreReply, { ok: true }>['value'] };
  } catch (error) {
    return { id, ok: false, error: serializeError(error) };
  }
}

function tryRun<Value>(
  action: () => Value,
): { ok: true; value: Value } | { ok: false; error: Extract<StoreReply, { ok: false }>['error'] } {
  try {
    return { ok: true, value: action() };
  } catch (error) {
    return { ok: false, error: serializeError(error) };
  }
}

function serializeError(error: unknown): Extract<StoreReply, { ok: false }>['error'] {
  const trouble = toAppError(error, options.folder);
  if (isAppError(trouble)) return trouble.toCallError();
  return trouble instanceof Error ? trouble.message : String(trouble);
}
