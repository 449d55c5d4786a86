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

/** The store as the rest of core sees it: named operations, each answered after its transaction is durable. */
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
        this.#fail(new Error('The database thread has ended.'));
        resolve();
      }),
    );
  }

  /** Throws a AppError where the operator can do something: see `openDatabase`. */
  static async open(workerFile: URL, options: WorkerOptions): Promise<Store> {
    const store = new Store(new Worker(workerFile, { workerData: options }), workerFile, options.folder);
    try {
      const answer = new Promise<unknown>((resolve, reject) => store.#pending.set(openRequestId, { resolve, reject }));
      store.#openResult = (await answer) as OpenResult;
      store.#auditHead ??= store.#openResult.head;
      return store;
    } catch (error) {
      // By itself, as nothing is left for it to do: a thread is not broken off while it closes what it opened.
      await store.#workerExited;
      throw error;
    }
  }

  /**
   * Rejects with a AppError (`disk_full`, `folder_not_writable`, `database_damaged`) or a plain Error; then nothing of it
   * was written. An aborted signal rejects with its reason at once: a read that waits never begins, one that works in
   * slices ends after the slice it is in, a write is carried out all the same.
   */
  run<Name extends OperationName>(
    name: Name,
    input: OperationInput<Name>,
    signal?: AbortSignal,
  ): Promise<OperationOutput<Name>> {
    return this.#request({ name, input }, signal) as Promise<OperationOutput<Name>>;
  }

  /** Where the audit log ends, durably. */
  get auditHead(): AuditHead {
    if (!this.#auditHead) throw new Error('The store is not open.');
    return this.#auditHead;
  }

  /** Whether the run before ended in the middle of a write. */
  get incompleteWrite(): boolean {
    return this.#openResult?.incompleteWrite ?? false;
  }

  /** Whether the file was too big to be looked through at the opening: `checkFile` does it beside the work. */
  get isIntegrityCheckDeferred(): boolean {
    return this.#openResult?.isIntegrityCheckDeferred ?? false;
  }

  /** Looks through the whole file in a thread of its own. Rejects with database_damaged. */
  async checkIntegrity(): Promise<void> {
    await this.#runMaintenanceTask({ task: 'check', file: this.#databaseFile });
  }

  /** Copies the database as it is now, in a thread of its own. Rejects with disk_full or folder_not_writable. */
  async backUp(targetFile: string): Promise<void> {
    await this.#runMaintenanceTask({ task: 'backup', file: this.#databaseFile, targetFile });
  }

  /** Told whenever the audit log has grown, after the growth is durable. */
  onAuditHeadChange(listener: (head: AuditHead) => void): void {
    this.#onAuditHeadChange = listener;
  }

  /** Finishes what was asked before, closes the file and ends the thread. */
  async close(): Promise<void> {
    if (!this.#closedError) {
      // Broken off, a thread would end no sooner: SQLite's one long statement is finished either way.
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
      const stop = () => {
        this.#worker.postMessage({ id, name: 'cancel' } satisfies StoreRequest);
        this.#pending.delete(id);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', stop, { once: true });
      const settled = () => signal?.removeEventListener('abort', stop);
      this.#pending.set(id, {
        resolve: (value) => (settled(), resolve(value)),
        reject: (error) => (settled(), reject(error)),
      });
      this.#worker.postMessage({ ...request, id } as StoreRequest);
    });
  }

  async #runMaintenanceTask(task: MaintenanceTask): Promise<void> {
    if (this.#closedError) throw this.#closedError;
    const worker = new Worker(this.#workerFile, { workerData: { ...task, folder: dirname(this.#databaseFile) } });
    const run = new Promise<void>((resolve, reject) => {
      let answer: StoreReply | null = null;
      worker.on('message', (reply: StoreReply) => (answer = reply));
      worker.on('error', reject);
      worker.on('exit', () => {
        if (answer?.ok) resolve();
        else reject(answer ? toError(answer) : new Error('The thread ended before this was finished.'));
      });
    });
    const ended = run.catch(() => undefined).finally(() => this.#maintenanceTasks.delete(ended));
    this.#maintenanceTasks.add(ended);
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
  return typeof error === 'string' ? new Error(error) : new AppError(error.code, error.message, error);
}
