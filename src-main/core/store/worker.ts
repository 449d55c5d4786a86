/** The database thread. It opens the file and executes requests; no SQL runs on the main thread. */
import { parentPort, workerData } from 'node:worker_threads';
import { isAppError } from '../../contract/index.ts';
import { AuditLog } from './audit-chain/audit-log.ts';
import { deriveKeyId } from './audit-chain/record-mac.ts';
import { runMaintenanceTask, type MaintenanceTask } from './maintenance-task.ts';
import { createKysely } from './schema.ts';
import { openDatabase, rollBack, type OpenDatabase } from './open-database.ts';
import { reads, unloggedWrites, writes, type OperationContext } from './operations/index.ts';
import {
  openRequestId,
  type AuditHeadUpdate,
  type OpenResult,
  type StoreReply,
  type StoreRequest,
  type WorkerOptions,
} from './worker-protocol.ts';
import { toAppError } from './sqlite-error.ts';

type OperationRequest = Exclude<StoreRequest, { name: 'close' | 'cancel' }>;
type Operation = (context: OperationContext, input: unknown) => unknown;
type SlicedRead = AsyncGenerator<void, unknown, void>;

interface QueuedRequest {
  readonly request: Exclude<StoreRequest, { name: 'cancel' }>;
  /** A read that has returned at least one slice and continues. */
  readonly slicedRead?: SlicedRead;
}

if (!parentPort) throw new Error('Only the store starts the database worker.');
const port = parentPort;
const options = workerData as WorkerOptions;
/** Run one at a time, outside a transaction. */
const singleOperations = { ...reads, ...unloggedWrites };
const queue: QueuedRequest[] = [];
let isDraining = false;

const task = 'task' in workerData ? () => runMaintenanceTask(workerData as MaintenanceTask) : start;
void runOperation(openRequestId, task).then((reply) => port.postMessage(reply));

/** Opens the database and serves requests. Throws the errors of `openDatabase`; then no file is open. */
function start(): OpenResult {
  const open = openDatabase(options.folder, options.restoreFrom ?? null);
  try {
    const audit = openAuditLog(open);
    serve(open, audit);
    const { incompleteWrite, isIntegrityCheckDeferred } = open;
    return { head: audit.head, incompleteWrite, isIntegrityCheckDeferred };
  } catch (error) {
    open.close();
    throw error;
  }
}

/** Records the opening and any damage in one durable transaction, before later records could hide the damage. */
function openAuditLog({ sqlite, incompleteWrite, restored }: OpenDatabase): AuditLog {
  const key = options.auditKey;
  const audit = new AuditLog(sqlite, { operator: options.operator, host: options.host, keyId: deriveKeyId(key), key });
  sqlite.exec('BEGIN IMMEDIATE');
  audit.recordOpening(options.auditKeySource ?? 'temporary', options.auditHead ?? null, incompleteWrite);
  if (restored) {
    audit.append({ action: 'database_restored', detail: { kind: 'restore', ...restored } });
  }
  audit.saveTail();
  sqlite.exec('COMMIT');
  return audit;
}

function serve(open: OpenDatabase, audit: AuditLog): void {
  const context = { database: createKysely(open.sqlite), sqlite: open.sqlite, audit };
  port.on('message', (request: StoreRequest) => {
    if (request.name === 'cancel') return cancelRead(request.id);
    queue.push({ request });
    if (isDraining) return;
    isDraining = true;
    // After one turn of the event loop, writes that were posted together are in the queue together.
    setImmediate(() => void drainQueue(open, context));
  });
}

/**
 * Executes all waiting writes in one transaction, then one read or one slice, so that a slow query delays no intent.
 */
async function drainQueue(open: OpenDatabase, context: OperationContext): Promise<void> {
  while (queue.length > 0) {
    const group = dequeueWrites();
    if (group.length > 0) await commitGroup(context, group);
    const [next] = queue.splice(0, 1);
    if (next?.request.name === 'close' && queue.length === 0) {
      open.close();
      port.postMessage({ id: next.request.id, ok: true, value: null } satisfies StoreReply);
      port.close();
      return;
    }
    // Requests from before the close are executed first, slice by slice.
    if (next?.request.name === 'close') queue.push(next);
    else if (next) await runReadSlice(next.request, context, next.slicedRead);
    // Receives messages that arrived in the meantime.
    await new Promise((resolve) => setImmediate(resolve));
  }
  isDraining = false;
}

/** After each slice the read goes to the end of the queue, so that requests that arrived in the meantime come first. */
async function runReadSlice(
  request: OperationRequest,
  context: OperationContext,
  startedRead?: SlicedRead,
): Promise<void> {
  const unfinished: SlicedRead[] = [];
  const reply = await runOperation(request.id, async () => {
    const read =
      startedRead ??
      (singleOperations[request.name as keyof typeof singleOperations] as Operation)(context, request.input);
    if (!isSlicedRead(read)) return await read;
    const { done, value } = await read.next();
    if (!done) unfinished.push(read);
    return value;
  });
  const [slicedRead] = unfinished;
  if (slicedRead) queue.push({ request, slicedRead });
  else port.postMessage(reply);
}

function isSlicedRead(read: unknown): read is SlicedRead {
  return typeof read === 'object' && read !== null && Symbol.asyncIterator in read;
}

/**
 * Removes a waiting operation that runs outside of a transaction; one in slices ends after its current slice. Writes
 * are still executed.
 */
function cancelRead(id: number): void {
  const index = queue.findIndex(({ request }) => request.id === id && request.name in singleOperations);
  if (index >= 0) queue.splice(index, 1);
}

function dequeueWrites(): OperationRequest[] {
  const isWrite = ({ request }: QueuedRequest) => request.name in writes;
  const writeRequests = queue.filter(isWrite);
  if (writeRequests.length > 0) queue.splice(0, queue.length, ...queue.filter((queued) => !isWrite(queued)));
  return writeRequests.map(({ request }) => request as OperationRequest);
}

/** Commits the whole group once. A failed write is rolled back alone; if the commit fails, every write fails. */
async function commitGroup(context: OperationContext, group: OperationRequest[]): Promise<void> {
  const replies: StoreReply[] = [];
  const { sqlite, audit } = context;
  const before = audit.tail;
  try {
    sqlite.exec('BEGIN IMMEDIATE');
    for (const request of group) {
      const tailBefore = audit.tail;
      sqlite.exec('SAVEPOINT operation');
      const reply = await runOperation(request.id, () =>
        (writes[request.name as keyof typeof writes] as Operation)(context, request.input),
      );
      sqlite.exec(reply.ok ? 'RELEASE operation' : 'ROLLBACK TO operation; RELEASE operation');
      if (!reply.ok) audit.rollBackTo(tailBefore);
      replies.push(reply);
    }
    if (audit.tail !== before) audit.saveTail();
    sqlite.exec('COMMIT');
  } catch (error) {
    rollBack(sqlite);
    audit.rollBackTo(before);
    const failed = serializeError(error);
    for (const { id } of group) port.postMessage({ id, ok: false, error: failed } satisfies StoreReply);
    return;
  }
  // The head is sent first: a caller that has its reply also has the head that covers its record.
  if (audit.tail !== before) port.postMessage({ head: audit.head } satisfies AuditHeadUpdate);
  for (const reply of replies) port.postMessage(reply);
}

async function runOperation(id: number, operation: () => unknown): Promise<StoreReply> {
  try {
    return { id, ok: true, value: (await operation()) as Extract<StoreReply, { ok: true }>['value'] };
  } catch (error) {
    return { id, ok: false, error: serializeError(error) };
  }
}

function serializeError(error: unknown): Extract<StoreReply, { ok: false }>['error'] {
  const appError = toAppError(error, options.folder);
  if (isAppError(appError)) return appError.toCallError();
  return appError instanceof Error ? appError.message : String(appError);
}
