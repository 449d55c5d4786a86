import { join } from 'node:path';
import { DeskError, type AuditExport, type AuditVerdict, type CheckedInput } from '../../contract/index.ts';
import type { Store } from '../store/index.ts';
import { exportAudit } from './audit-export.ts';
import { HeadKeeper } from './head-writer.ts';
import type { AuditKeeping } from './key-material.ts';
import { verify } from './verification.ts';

export interface AuditParts {
  readonly store: Store;
  readonly keeping: AuditKeeping;
  /** The workspace's own folder. */
  readonly folder: string;
  /** Told of each durable growth, after the head has been planned for. */
  appended(lastSequence: number): void;
  verifying(progress: { checked: number; total: number }): void;
  /** The keychain did not take the head; it is tried again. */
  headNotKept(error: unknown): void;
}

/** The audit log of a workspace, beyond the appending, which the store does with what it records. */
export class Audit {
  readonly #parts: AuditParts;
  readonly #keeper: HeadKeeper;
  readonly #closing = new AbortController();
  #verification: AbortController | null = null;

  constructor(parts: AuditParts) {
    const { store, keeping } = parts;
    this.#parts = parts;
    this.#keeper = new HeadKeeper(store.auditHead, keeping.head, keeping.keep, parts.headNotKept);
    store.onAudit((head) => {
      this.#keeper.grown(head);
      parts.appended(head.sequence);
    });
  }

  /** Checks the whole log and leaves a record of what was found. Throws verification_running: one at a time. */
  async verify(): Promise<AuditVerdict> {
    if (this.#verification) throw running();
    const run = new AbortController();
    this.#verification = run;
    try {
      const { store, verifying } = this.#parts;
      const verdict = await verify(store, {
        ...(await this.#headNow()),
        signal: AbortSignal.any([run.signal, this.#closing.signal]),
        progress: (checked, total) => verifying({ checked, total }),
      });
      const [first] = verdict.damages;
      await store.run('appendAudit', {
        action: 'audit_verified',
        outcome: verdict.verdict,
        durationMs: verdict.durationMs,
        detail: `records 1 to ${verdict.checked}${first ? `; ${first.kind} at ${first.sequence}` : ''}`,
      });
      return verdict;
    } finally {
      this.#verification = null;
    }
  }

  stopVerification(): void {
    this.#verification?.abort();
  }

  async export({ format, filter }: CheckedInput<'audit.export'>): Promise<AuditExport> {
    const { store, folder } = this.#parts;
    const { signal } = this.#closing;
    const made = await exportAudit(store, { format, filter, folder: join(folder, 'exports'), signal });
    await store.run('appendAudit', { action: 'audit_exported', detail: `${made.records} records, ${format}` });
    return made;
  }

  /** Before the store closes: nothing long may go on. */
  stop(): void {
    this.#closing.abort(new Error('The workspace is closing.'));
  }

  /** After the store has closed: the last head. */
  close(): Promise<void> {
    return this.#keeper.close();
  }

  /** The keychain's own word where it gives one; what this process remembers only where there is nothing else. */
  async #headNow() {
    await this.#keeper.flush();
    const { store, keeping } = this.#parts;
    const kept = keeping.place === 'this_run' ? null : await keeping.kept().catch(() => null);
    if (kept) return { head: kept, headPlace: 'keychain' as const };
    return { head: store.auditHead, headPlace: 'this_run' as const };
  }
}

function running(): DeskError {
  return new DeskError(
    'verification_running',
    'The audit log is being verified already. Wait for the result, or stop it.',
    { retryable: true },
  );
}
