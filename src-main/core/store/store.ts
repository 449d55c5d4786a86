import { Worker } from 'node:worker_threads';
import type { AuditHead } from './chain/record.ts';
import { DeskError } from '../../contract/index.ts';
import type { OperationInput, OperationName, OperationOutput } from './operations/index.ts';
import { openingId, type AuditNotice, type Opened, type StoreReply, type StoreRequest, type WorkerOptions } from './protocol.ts';

interface Pending {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** The store as the rest of core sees it: named operations, each answered after its transaction is durable. */
export class Store {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  #lastId = openingId;
  readonly #stopped: Int32Array;
  #onAudit: (head: AuditHead) => void = () => undefined;
  #opened: Opened | null = null;
  #head: AuditHead | null = null;
  #gone: Error | null = null;

  private constructor(worker: Worker, stopped: SharedArrayBuffer) {
    this.#worker = worker;
    this.#stopped = new Int32Array(stopped);
    worker.on('message', (message: StoreReply | AuditNotice) => {
      if (!('head' in message)) return this.#settle(message);
      this.#head = message.head;
      this.#onAudit(message.head);
    });
    worker.on('error', (error) => this.#fail(error instanceof Error ? error : new Error(String(error))));
    worker.on('exit', () => this.#fail(new Error('The database thread has ended.')));
  }

  /** Throws a DeskError where the operator can do something: see `openDatabase`. */
  static async open(workerFile: URL, options: WorkerOptions): Promise<Store> {
    const stopped = new SharedArrayBuffer(4);
    const store = new Store(new Worker(workerFile, { workerData: { ...options, stopped } }), stopped);
    try {
      store.#opened = await new Promise<unknown>((resolve, reject) => store.#pending.set(openingId, { resolve, reject })) as Opened;
      store.#head ??= store.#opened.head;
      return store;
    } catch (error) {
      await store.#worker.terminate();
      throw error;
    }
  }

  /**
   * Rejects with a DeskError (`disk_full`, `folder_not_writable`, `database_damaged`) or a plain Error; then nothing of it
   * was written. An aborted signal rejects with its reason at once: a read that waits never begins, one that scans many
   * rows ends early, and a write is carried out all the same.
   */
  run<Name extends OperationName>(name: Name, input: OperationInput<Name>, signal?: AbortSignal): Promise<OperationOutput<Name>> {
    return this.#ask({ name, input }, signal) as Promise<OperationOutput<Name>>;
  }

  /** Where the audit log ends, durably. */
  get auditHead(): AuditHead {
    if (!this.#head) throw new Error('The store is not open.');
    return this.#head;
  }

  /** Whether the run before ended in the middle of a write. */
  get tornWrite(): boolean {
    return this.#opened?.tornWrite ?? false;
  }

  /** Told whenever the audit log has grown, after the growth is durable. */
  onAudit(listener: (head: AuditHead) => void): void {
    this.#onAudit = listener;
  }

  /** Finishes what was asked before, then closes the file. */
  async close(): Promise<void> {
    if (this.#gone) return;
    await this.#ask({ name: 'close' });
    this.#gone = new Error('The store is closed.');
  }

  #ask(request: { name: string; input?: unknown }, signal?: AbortSignal): Promise<unknown> {
    if (this.#gone) return Promise.reject(this.#gone);
    if (signal?.aborted) return Promise.reject(signal.reason);
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const stop = () => {
        Atomics.store(this.#stopped, 0, id);
        this.#worker.postMessage({ id, name: 'forget' } satisfies StoreRequest);
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

  #settle(reply: StoreReply): void {
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if (reply.ok) return pending?.resolve(reply.value);
    const { error } = reply;
    pending?.reject(typeof error === 'string' ? new Error(error) : new DeskError(error.code, error.message, error));
  }

  #fail(error: Error): void {
    this.#gone ??= error;
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }
}
