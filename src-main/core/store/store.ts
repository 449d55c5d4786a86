import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { AppError } from '../../contract/index.ts';
import type { AuditHead } from './audit-chain/record-mac.ts';
import type { MaintenanceTask } from './maintenance-task.ts';
import type { OperationInput, OperationName, OperationOutput } from './operations/index.ts';
import {
  openRequestId,
  type AuditHeadUpdate,
  type OpenResult,
  type StoreReply,
  type StoreRequest,
  type WorkerOptions,
} from './worker-protocol.ts';

interface PendingRequest {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** Runs named operations in the database thread. Each call resolves after its transaction is durable. */
export class Store {
  readonly #worker: Worker;
  readonly #pending = new Map<number, PendingRequest>();
  #lastRequestId = openRequestId;
  readonly #workerFile: URL;
  readonly #databaseFile: string;
  readonly #maintenanceTasks = new Set<Promise<void>>();
  readonly #workerExited: Promise<void>;
  #onAuditHeadChange: (head: AuditHead) => void = () => undefined;
  #openResult: OpenResult | null = null;
  #auditHead: AuditHead | null = null;
  #closedError: Error | null = null;

  private constructor(worker: Worker, workerFile: URL, folder: string) {
    this.#worker = worker;
    this.#workerFile = workerFile;
    this.#databaseFile = join(folder, 'desk.sqlite');
    worker.on('message', (message: StoreReply | AuditHeadUpdate) => {
      if (!('head' in message)) return this.#settle(message);
      this.#auditHead = message.head;
      this.#onAuditHeadChange(message.head);
    });
    worker.on('error', (error) => this.#fail(error instanceof Error ? error : new Error(String(error))));
    this.#workerExited = new Promise((resolve) =>
      worker.on('exit', () => {
        this.#fail(new Error('The database thread ended.'));
        resolve();
      }),
    );
  }

  /** Throws the errors of `openDatabase`. */
  static async open(workerFile: URL, options: WorkerOptions): Promise<Store> {
    const store = new Store(new Worker(workerFile, { workerData: options }), workerFile, options.folder);
    try {
      const opened = new Promise<unknown>((resolve, reject) => store.#pending.set(openRequestId, { resolve, reject }));
      store.#openResult = (await opened) as OpenResult;
      store.#auditHead ??= store.#openResult.head;
      return store;
    } catch (error) {
      // The thread ends after it has closed the files that it opened.
      await store.#workerExited;
      throw error;
    }
  }

  /**
   * Rejects with an AppError (`disk_full`, `folder_not_writable`, `database_damaged`) or an Error; then nothing of the
   * operation was written. If the signal is aborted, rejects at once with its reason: a waiting read does not start, a
   * read that works in slices ends after its current slice, and a write is still executed.
   */
  run<Name extends OperationName>(
    name: Name,
    input: OperationInput<Name>,
    signal?: AbortSignal,
  ): Promise<OperationOutput<Name>> {
    return this.#request({ name, input }, signal) as Promise<OperationOutput<Name>>;
  }

  /** The last durable position of the audit log. */
  get auditHead(): AuditHead {
    if (!this.#auditHead) throw new Error('The store is not open.');
    return this.#auditHead;
  }

  /** Whether the previous run ended during a write. */
  get incompleteWrite(): boolean {
    return this.#openResult?.incompleteWrite ?? false;
  }

  /** Whether the file was too large to be checked when it was opened; `checkIntegrity` checks it later. */
  get isIntegrityCheckDeferred(): boolean {
    return this.#openResult?.isIntegrityCheckDeferred ?? false;
  }

  /** Checks the whole file in a separate thread. Rejects with database_damaged. */
  async checkIntegrity(): Promise<void> {
    await this.#runMaintenanceTask({ task: 'check', file: this.#databaseFile });
  }

  /** Copies the database in a separate thread. Rejects with disk_full or folder_not_writable. */
  async backUp(targetFile: string): Promise<void> {
    await this.#runMaintenanceTask({ task: 'backup', file: this.#databaseFile, targetFile });
  }

  /** Registers the listener that is called each time after new audit records are durable. */
  onAuditHeadChange(listener: (head: AuditHead) => void): void {
    this.#onAuditHeadChange = listener;
  }

  /** Waits for pending operations, then closes the file and ends the thread. */
  async close(): Promise<void> {
    if (!this.#closedError) {
      // Terminating a thread would not be faster: SQLite finishes its statement in any case.
      await Promise.all(this.#maintenanceTasks);
      await this.#request({ name: 'close' });
      this.#closedError = new Error('The store is closed.');
    }
    await this.#workerExited;
  }

  #request(request: { name: string; input?: unknown }, signal?: AbortSignal): Promise<unknown> {
    if (this.#closedError) return Promise.reject(this.#closedError);
    if (signal?.aborted) return Promise.reject(signal.reason);
    const id = ++this.#lastRequestId;
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#worker.postMessage({ id, name: 'cancel' } satisfies StoreRequest);
        this.#pending.delete(id);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      const removeAbortListener = () => signal?.removeEventListener('abort', onAbort);
      this.#pending.set(id, {
        resolve: (value) => (removeAbortListener(), resolve(value)),
        reject: (error) => (removeAbortListener(), reject(error)),
      });
      this.#worker.postMessage({ ...request, id } as StoreRequest);
    });
  }

  async #runMaintenanceTask(task: MaintenanceTask): Promise<void> {
    if (this.#closedError) throw this.#closedError;
    const worker = new Worker(this.#workerFile, { workerData: { ...task, folder: dirname(this.#databaseFile) } });
    const run = new Promise<void>((resolve, reject) => {
      let lastReply: StoreReply | null = null;
      worker.on('message', (reply: StoreReply) => (lastReply = reply));
      worker.on('error', reject);
      worker.on('exit', () => {
        if (lastReply?.ok) resolve();
        else reject(lastReply ? toError(lastReply) : new Error('The thread ended before the task was finished.'));
      });
    });
    const finished = run.catch(() => undefined).finally(() => this.#maintenanceTasks.delete(finished));
    this.#maintenanceTasks.add(finished);
    await run;
  }

  #settle(reply: StoreReply): void {
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if (reply.ok) pending?.resolve(reply.value);
    else pending?.reject(toError(reply));
  }

  #fail(error: Error): void {
    this.#closedError ??= error;
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }
}

function toError({ error }: Extract<StoreReply, { ok: false }>): Error {
  return typeof error === 'string' ? new Error(error) : new AppError(error.code, error, error);
}
