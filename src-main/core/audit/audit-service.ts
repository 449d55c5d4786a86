import { join } from 'node:path';
import {
  AppError,
  createMessage,
  type AuditChain,
  type AuditExport,
  type CallOutput,
  type DailyOutcomes,
  type VerificationResult,
  type ParsedInput,
} from '../../contract/index.ts';
import type { Store } from '../store/index.ts';
import { exportAudit } from './audit-export.ts';
import { HeadWriter } from './head-writer.ts';
import type { AuditKeyMaterial } from './key-material.ts';
import { verify } from './verification.ts';

export interface AuditDependencies {
  readonly store: Store;
  readonly keyMaterial: AuditKeyMaterial;
  /** The folder of the workspace. */
  readonly folder: string;
  /** Called after new records are durable and the write of the head is scheduled. */
  onAppended(lastSequence: number): void;
  onVerificationProgress(progress: { checked: number; total: number }): void;
  /** The keychain did not store the head; the write is retried. */
  onHeadWriteFailed(error: unknown): void;
}

/** Verifies and exports the audit log of a workspace. The store appends the records. */
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

  /** Newest first, with the number of records that match. */
  list(input: ParsedInput<'audit.list'>): Promise<CallOutput<'audit.list'>> {
    return this.#dependencies.store.run('auditPage', input);
  }

  /** A record with its links to its neighbours; null if there is none. */
  get(sequence: number): Promise<AuditChain | null> {
    return this.#dependencies.store.run('auditRecord', sequence);
  }

  /** Completed cancellations per day and outcome; both days are inclusive. */
  countOutcomes(days: ParsedInput<'audit.countOutcomes'>): Promise<DailyOutcomes[]> {
    return this.#dependencies.store.run('outcomesPerDay', days);
  }

  /** Verifies the whole log and records the result. Throws verification_running if a verification is running. */
  async verify(): Promise<VerificationResult> {
    if (this.#verification) {
      const message = createMessage('maintenance.verificationRunning');
      throw new AppError('verification_running', message, { retryable: true });
    }
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
        detail: {
          kind: 'verification',
          checked: result.checked,
          firstDamage: first ? { kind: first.kind, sequence: first.sequence } : null,
        },
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
    const exported = await exportAudit(store, { format, filter, folder: join(folder, 'exports'), signal });
    await store.run('appendAudit', {
      action: 'audit_exported',
      detail: { kind: 'audit_export', records: exported.records, format },
    });
    return exported;
  }

  /** Aborts running verifications and exports. Call it before the store closes. */
  stop(): void {
    this.#closing.abort(new Error('The workspace is closing.'));
  }

  /** Saves the last head. Call it after the store has closed. */
  close(): Promise<void> {
    return this.#headWriter.close();
  }

  /** Returns the head from the keychain; if the keychain returns none, the head in memory. */
  async #currentHead() {
    await this.#headWriter.flush();
    const { store, keyMaterial } = this.#dependencies;
    const storedHead = keyMaterial.keySource === 'temporary' ? null : await keyMaterial.loadHead().catch(() => null);
    if (storedHead) return { head: storedHead, headLocation: 'keychain' as const };
    return { head: store.auditHead, headLocation: 'memory' as const };
  }
}
