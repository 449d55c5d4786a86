import type { AuditHead } from '../store/index.ts';

/** The head is renewed within a second of the last record: half of it to wait for more, half for the keychain. */
const restMs = 500;
/** So many records are never left to wait. */
const mostUnkept = 64;
/** After a keychain that would not take it. */
const againMs = 5_000;
const closeLimitMs = 3_000;

/** Keeps the head in step with the log, one write at a time; what comes meanwhile goes with the next. */
export class HeadKeeper {
  readonly #keep: (head: AuditHead) => Promise<void>;
  readonly #failed: (error: unknown) => void;
  #newest: AuditHead;
  #kept: AuditHead | null;
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> | null = null;
  #closed = false;

  /** `failed` is told of each write that the keychain refused; it is tried again. */
  constructor(
    newest: AuditHead,
    kept: AuditHead | null,
    keep: (head: AuditHead) => Promise<void>,
    failed: (error: unknown) => void,
  ) {
    this.#newest = newest;
    this.#kept = kept;
    this.#keep = keep;
    this.#failed = failed;
    this.#plan();
  }

  grown(head: AuditHead): void {
    this.#newest = head;
    this.#plan();
  }

  /** Resolves once the head that was newest at the call is kept, or its one try has failed. */
  async flush(): Promise<void> {
    while (this.#writing) await this.#writing;
    if (this.#unkept() > 0) await this.#write();
  }

  /** The last head, within a time that does not hold up a quit: a keychain may be waiting for a prompt. */
  async close(): Promise<void> {
    let given: NodeJS.Timeout | null = null;
    await Promise.race([this.flush(), new Promise((resolve) => (given = setTimeout(resolve, closeLimitMs)))]);
    for (const timer of [given, this.#timer]) if (timer) clearTimeout(timer);
    this.#closed = true;
  }

  #plan(afterMs = restMs): void {
    const unkept = this.#unkept();
    if (this.#closed || unkept === 0 || this.#writing) return;
    if (unkept >= mostUnkept && afterMs === restMs) return void this.#write();
    if (this.#timer) return;
    this.#timer = setTimeout(() => void this.#write(), afterMs);
    this.#timer.unref();
  }

  /** How many records the kept head is behind; at least one where it is another head altogether. */
  #unkept(): number {
    return this.#kept?.mac === this.#newest.mac ? 0 : Math.max(1, this.#newest.sequence - (this.#kept?.sequence ?? 0));
  }

  #write(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    const head = this.#newest;
    this.#writing = this.#keep(head).then(
      () => {
        this.#kept = head;
        this.#writing = null;
        this.#plan();
      },
      (error: unknown) => {
        this.#writing = null;
        this.#failed(error);
        this.#plan(againMs);
      },
    );
    return this.#writing;
  }
}
