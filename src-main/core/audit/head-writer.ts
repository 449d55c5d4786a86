import type { AuditHead } from '../store/index.ts';

/** The head is saved within one second after a record: 500 ms to collect more records, 500 ms for the keychain. */
const throttleMs = 500;
/** With this many unsaved records the head is saved at once. */
const maxUnsavedRecords = 64;
/** Delay after a failed write. */
const retryDelayMs = 5_000;
const closeTimeoutMs = 3_000;

/** Saves the log head to the keychain, one write at a time. A write saves the newest head. */
export class HeadWriter {
  readonly #saveHead: (head: AuditHead) => Promise<void>;
  readonly #onFailed: (error: unknown) => void;
  #latest: AuditHead;
  #saved: AuditHead | null;
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> | null = null;
  #isClosed = false;

  /** `onFailed` is called for each failed write; the write is retried. */
  constructor(
    latest: AuditHead,
    saved: AuditHead | null,
    saveHead: (head: AuditHead) => Promise<void>,
    onFailed: (error: unknown) => void,
  ) {
    this.#latest = latest;
    this.#saved = saved;
    this.#saveHead = saveHead;
    this.#onFailed = onFailed;
    this.#scheduleWrite();
  }

  headChanged(head: AuditHead): void {
    this.#latest = head;
    this.#scheduleWrite();
  }

  /** Resolves after the newest head is saved or one attempt to save it has failed. */
  async flush(): Promise<void> {
    while (this.#writing) await this.#writing;
    if (this.#countUnsaved() > 0) await this.#write();
  }

  /** Saves the last head. Waits at most `closeTimeoutMs`: the keychain may wait for a prompt. */
  async close(): Promise<void> {
    let timeout: NodeJS.Timeout | null = null;
    await Promise.race([this.flush(), new Promise((resolve) => (timeout = setTimeout(resolve, closeTimeoutMs)))]);
    for (const timer of [timeout, this.#timer]) if (timer) clearTimeout(timer);
    this.#isClosed = true;
  }

  #scheduleWrite(afterMs = throttleMs): void {
    const unsavedCount = this.#countUnsaved();
    if (this.#isClosed || unsavedCount === 0 || this.#writing) return;
    if (unsavedCount >= maxUnsavedRecords && afterMs === throttleMs) return void this.#write();
    if (this.#timer) return;
    this.#timer = setTimeout(() => void this.#write(), afterMs);
    this.#timer.unref();
  }

  /** Returns how many records the saved head is behind; at least 1 if it differs. */
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
