import { join } from 'node:path';
import { AppError, type AuditExport, type VerificationResult, type ParsedInput } from '../../contract/index.ts';
import type { Store } from '../store/index.ts';
import { exportAudit } from './audit-export.ts';
import { HeadWriter } from './head-writer.ts';
import type { AuditKeyMaterial } from './key-material.ts';
import { verify } from './verification.ts';

export interface AuditDependencies {
  readonly store: Store;
  readonly keyMaterial: AuditKeyMaterial;
  /** The workspace's own folder. */
  readonly folder: string;
  /** Told of each durable growth, after the head has been planned for. */
  onAppended(lastSequence: number): void;
  onVerificationProgress(progress: { checked: number; total: number }): void;
  /** The keychain did not take the head; it is tried again. */
  onHeadWriteFailed(error: unknown): void;
}

/** The audit log of a workspace, beyond the appending, which the store does with what it records. */
export class AuditService {
  readonly #dependencies: AuditDependencies;
  readonly #headWriter: HeadWriter;
  readonly #closing = new AbortController();
  #verification: AbortController | null = null;

  constructor(dependencies: AuditDependencies) {
    const { store, keyMaterial } = dependencies;
    this.#dependencies = dependencies;
    this.#headWriter = new HeadWriter(
      store.auditHead,
      keyMaterial.head,
      keyMaterial.saveHead,
      dependencies.onHeadWriteFailed,
    );
    store.onAuditHeadChange((head) => {
      this.#headWriter.headChanged(head);
      dependencies.onAppended(head.sequence);
    });
  }

  /** Checks the whole log and leaves a record of what was found. Throws verification_running: one at a time. */
  async verify(): Promise<VerificationResult> {
    if (this.#verification) throw verificationRunningError();
    const run = new AbortController();
    this.#verification = run;
    try {
      const { store, onVerificationProgress } = this.#dependencies;
      const result = await verify(store, {
        ...(await this.#currentHead()),
        signal: AbortSignal.any([run.signal, this.#closing.signal]),
        onProgress: (checked, total) => onVerificationProgress({ checked, total }),
      });
      const [first] = result.damages;
      await store.run('appendAudit', {
        action: 'audit_verified',
        outcome: result.result,
        durationMs: result.durationMs,
        detail: `records 1 to ${result.checked}${first ? `; ${first.kind} at ${first.sequence}` : ''}`,
      });
      return result;
    } finally {
      this.#verification = null;
    }
  }

  stopVerification(): void {
    this.#verification?.abort();
  }

  async export({ format, filter }: ParsedInput<'audit.export'>): Promise<AuditExport> {
    const { store, folder } = this.#dependencies;
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
    return this.#headWriter.close();
  }

  /** The keychain's own word where it gives one; what this process remembers only where there is nothing else. */
  async #currentHead() {
    await this.#headWriter.flush();
    const { store, keyMaterial } = this.#dependencies;
    const kept = keyMaterial.keySource === 'temporary' ? null : await keyMaterial.loadHead().catch(() => null);
    if (kept) return { head: kept, headLocation: 'keychain' as const };
    return { head: store.auditHead, headLocation: 'memory' as const };
  }
}

function verificationRunningError(): AppError {
  return new AppError(
    'verification_running',
    'The audit log is being verified already. Wait for the result, or stop it.',
    { retryable: true },
  );
}
