import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { DeskError } from '../../contract/index.ts';
import type { AuditHead } from './audit-chain/record-mac.ts';
import type { Errand } from './maintenance-task.ts';
import type { OperationInput, OperationName, OperationOutput } from './operations/index.ts';
import {
  openingId,
  type AuditNotice,
  type Opened,
  type StoreReply,
  type StoreRequest,
  type WorkerOptions,
} from './worker-protocol.ts';

interface Pending {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** The store as the rest of core sees it: named operations, each answered after its transaction is durable. */
export class Store {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  #lastId = openingId;
  readonly #workerFile: URL;
  readonly #file: string;
  readonly #errands = new Set<Promise<void>>();
  readonly #ended: Promise<void>;
  #onAudit: (head: AuditHead) => void = () => undefined;
  #opened: Opened | null = null;
  #head: AuditHead | null = null;
  #gone: Error | null = null;

  private constructor(worker: Worker, workerFile: URL, folder: string) {
    this.#worker = worker;
    this.#workerFile = workerFile;
    this.#file = join(folder, 'desk.sqlite');
    worker.on('message', (message: StoreReply | AuditNotice) => {
      if (!('head' in message)) return this.#settle(message);
      this.#head = message.head;
      this.#onAudit(message.head);
    });
    worker.on('error', (error) => this.#fail(error instanceof Error ? error : new Error(String(error))));
    this.#ended = new Promise((resolve) =>
      worker.on('exit', () => {
        this.#fail(new Error('The database thread has ended.'));
        resolve();
      }),
    );
  }

  /** Throws a DeskError where the operator can do something: see `openDatabase`. */
  static async open(workerFile: URL, options: WorkerOptions): Promise<Store> {
    const store = new Store(new Worker(workerFile, { workerData: options }), workerFile, options.folder);
    try {
      const answer = new Promise<unknown>((resolve, reject) => store.#pending.set(openingId, { resolve, reject }));
      store.#opened = (await answer) as Opened;
      store.#head ??= store.#opened.head;
      return store;
    } catch (error) {
      // By itself, as nothing is left for it to do: a thread is not broken off while it closes what it opened.
      await store.#ended;
      throw error;
    }
  }

  /**
   * Rejects with a DeskError (`disk_full`, `folder_not_writable`, `database_damaged`) or a plain Error; then nothing of it
   * was written. An aborted signal rejects with its reason at once: a read that waits never begins, one that works in
   * slices ends after the slice it is in, a write is carried out all the same.
   */
  run<Name extends OperationName>(
    name: Name,
    input: OperationInput<Name>,
    signal?: AbortSignal,
  ): Promise<OperationOutput<Name>> {
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

  /** Whether the file was too big to be looked through at the opening: `checkFile` does it beside the work. */
  get isBig(): boolean {
    return this.#opened?.isBig ?? false;
  }

  /** Looks through the whole file in a thread of its own. Rejects with database_damaged. */
  async checkFile(): Promise<void> {
    await this.#errand({ errand: 'check', file: this.#file });
  }

  /** Copies the database as it is now, in a thread of its own. Rejects with disk_full or folder_not_writable. */
  async backUp(to: string): Promise<void> {
    await this.#errand({ errand: 'backUp', file: this.#file, to });
  }

  /** Told whenever the audit log has grown, after the growth is durable. */
  onAudit(listener: (head: AuditHead) => void): void {
    this.#onAudit = listener;
  }

  /** Finishes what was asked before, closes the file and ends the thread. */
  async close(): Promise<void> {
    if (!this.#gone) {
      // Broken off, a thread would end no sooner: SQLite's one long statement is finished either way.
      await Promise.all(this.#errands);
      await this.#ask({ name: 'close' });
      this.#gone = new Error('The store is closed.');
    }
    await this.#ended;
  }

  #ask(request: { name: string; input?: unknown }, signal?: AbortSignal): Promise<unknown> {
    if (this.#gone) return Promise.reject(this.#gone);
    if (signal?.aborted) return Promise.reject(signal.reason);
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const stop = () => {
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

  async #errand(errand: Errand): Promise<void> {
    if (this.#gone) throw this.#gone;
    const worker = new Worker(this.#workerFile, { workerData: { ...errand, folder: dirname(this.#file) } });
    const run = new Promise<void>((resolve, reject) => {
      let answer: StoreReply | null = null;
      worker.on('message', (reply: StoreReply) => (answer = reply));
      worker.on('error', reject);
      worker.on('exit', () => {
        if (answer?.ok) resolve();
        else reject(answer ? errorOf(answer) : new Error('The thread ended before this was finished.'));
      });
    });
    const ended = run.catch(() => undefined).finally(() => this.#errands.delete(ended));
    this.#errands.add(ended);
    await run;
  }

  #settle(reply: StoreReply): void {
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if (reply.ok) pending?.resolve(reply.value);
    else pending?.reject(errorOf(reply));
  }

  #fail(error: Error): void {
    this.#gone ??= error;
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }
}

function errorOf({ error }: Extract<StoreReply, { ok: false }>): Error {
  return typeof error === 'string' ? new Error(error) : new DeskError(error.code, error.message, error);
}
