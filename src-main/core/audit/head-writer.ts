import type { AuditHead } from '../store/index.ts';

/** The head is renewed within a second of the last record: half of it to wait for more, half for the keychain. */
const throttleMs = 500;
/** So many records are never left to wait. */
const maxUnsavedRecords = 64;
/** After a keychain that would not take it. */
const retryDelayMs = 5_000;
const closeTimeoutMs = 3_000;

/** Keeps the head in step with the log, one write at a time; what comes meanwhile goes with the next. */
export class HeadWriter {
  readonly #saveHead: (head: AuditHead) => Promise<void>;
  readonly #onFailed: (error: unknown) => void;
  #latest: AuditHead;
  #saved: AuditHead | null;
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> | null = null;
  #isClosed = false;

  /** `failed` is told of each write that the keychain refused; it is tried again. */
  constructor(
    newest: AuditHead,
    kept: AuditHead | null,
    keep: (head: AuditHead) => Promise<void>,
    failed: (error: unknown) => void,
  ) {
    this.#latest = newest;
    this.#saved = kept;
    this.#saveHead = keep;
    this.#onFailed = failed;
    this.#scheduleWrite();
  }

  headChanged(head: AuditHead): void {
    this.#latest = head;
    this.#scheduleWrite();
  }

  /** Resolves once the head that was newest at the call is kept, or its one try has failed. */
  async flush(): Promise<void> {
    while (this.#writing) await this.#writing;
    if (this.#countUnsaved() > 0) await this.#write();
  }

  /** The last head, within a time that does not hold up a quit: a keychain may be waiting for a prompt. */
  async close(): Promise<void> {
    let given: NodeJS.Timeout | null = null;
    await Promise.race([this.flush(), new Promise((resolve) => (given = setTimeout(resolve, closeTimeoutMs)))]);
    for (const timer of [given, this.#timer]) if (timer) clearTimeout(timer);
    this.#isClosed = true;
  }

  #scheduleWrite(afterMs = throttleMs): void {
    const unkept = this.#countUnsaved();
    if (this.#isClosed || unkept === 0 || this.#writing) return;
    if (unkept >= maxUnsavedRecords && afterMs === throttleMs) return void this.#write();
    if (this.#timer) return;
    this.#timer = setTimeout(() => void this.#write(), afterMs);
    this.#timer.unref();
  }

  /** How many records the kept head is behind; at least one where it is another head altogether. */
  #countUnsaved(): number {
    return this.#saved?.mac === this.#latest.mac
      ? 0
      : Math.max(1, this.#latest.sequence - (this.#saved?.sequence ?? 0));
  }

  #write(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    const head = this.#latest;
    this.#writing = this.#saveHead(head).then(
      () => {
        this.#saved = head;
        this.#writing = null;
        this.#scheduleWrite();
      },
      (error: unknown) => {
        this.#writing = null;
        this.#onFailed(error);
        this.#scheduleWrite(retryDelayMs);
      },
    );
    return this.#writing;
  }
}
