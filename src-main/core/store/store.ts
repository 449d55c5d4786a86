import { Worker } from 'node:worker_threads';
import { DeskError } from '../../contract/index.ts';
import type { OperationInput, OperationName, OperationOutput } from './operations/index.ts';
import { openingId, type AuditNotice, type StoreReply, type StoreRequest, type WorkerOptions } from './protocol.ts';

interface Pending {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** The store as the rest of core sees it: named operations, each answered after its transaction is durable. */
export class Store {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  #lastId = openingId;
  #onAudit: (lastSequence: number) => void = () => undefined;
  #gone: Error | null = null;

  private constructor(worker: Worker) {
    this.#worker = worker;
    worker.on('message', (message: StoreReply | AuditNotice) => {
      if ('lastSequence' in message) this.#onAudit(message.lastSequence);
      else this.#settle(message);
    });
    worker.on('error', (error) => this.#fail(error instanceof Error ? error : new Error(String(error))));
    worker.on('exit', () => this.#fail(new Error('The database thread has ended.')));
  }

  /** Throws a DeskError where the operator can do something: see `openDatabase`. */
  static async open(workerFile: URL, options: WorkerOptions): Promise<Store> {
    const store = new Store(new Worker(workerFile, { workerData: options }));
    try {
      await new Promise((resolve, reject) => store.#pending.set(openingId, { resolve, reject }));
      return store;
    } catch (error) {
      await store.#worker.terminate();
      throw error;
    }
  }

  /** Rejects with a DeskError (`disk_full`, `folder_not_writable`, `database_damaged`) or a plain Error; then nothing of it was written. */
  run<Name extends OperationName>(name: Name, input: OperationInput<Name>): Promise<OperationOutput<Name>> {
    return this.#ask({ name, input }) as Promise<OperationOutput<Name>>;
  }

  /** Told whenever the audit log has grown, after the growth is durable. */
  onAudit(listener: (lastSequence: number) => void): void {
    this.#onAudit = listener;
  }

  /** Finishes what was asked before, then closes the file. */
  async close(): Promise<void> {
    if (this.#gone) return;
    await this.#ask({ name: 'close' });
    this.#gone = new Error('The store is closed.');
  }

  #ask(request: { name: string; input?: unknown }): Promise<unknown> {
    if (this.#gone) return Promise.reject(this.#gone);
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
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
