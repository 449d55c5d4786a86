/**
 * Verification and export of the audit log. A result stays until the next verification or a change of the workspace.
 */
import { defineStore } from 'pinia';
import { shallowRef, watch } from 'vue';
import { toAuditFilter } from '../composables/audit-query-params.ts';
import type { AuditExport, ExportFormat, VerificationResult, CallError, Envelope } from '../contract.ts';
import { useAudit } from './audit.ts';
import { useWorkspace } from './workspace.ts';
import { isHostUnreachable, useHost } from './host.ts';

export type AuditVerificationState =
  | { readonly state: 'idle' }
  | { readonly state: 'running'; readonly checked: number; readonly total: number; readonly isStopping: boolean }
  | { readonly state: 'done'; readonly result: VerificationResult }
  | { readonly state: 'failed'; readonly error: CallError };

const idle: AuditVerificationState = { state: 'idle' };

export const useAuditVerification = defineStore('audit-verification', () => {
  const host = useHost();
  const workspace = useWorkspace();
  const audit = useAudit();
  const verification = shallowRef<AuditVerificationState>(idle);
  let runId = 0;

  async function verify(): Promise<void> {
    if (verification.value.state === 'running') return;
    const currentRun = ++runId;
    verification.value = { state: 'running', checked: 0, total: audit.headSequence ?? 0, isStopping: false };
    const response = await host.call('audit.verify', {});
    if (currentRun !== runId) return;
    verification.value = response.ok
      ? { state: 'done', result: response.value }
      : { state: 'failed', error: response.error };
  }

  /** Also stops a verification that another window has started. */
  async function stop(): Promise<void> {
    if (verification.value.state === 'running') verification.value = { ...verification.value, isStopping: true };
    const currentRun = runId;
    const response = await host.call('audit.stopVerification', {});
    if (currentRun === runId && !response.ok && verification.value.state === 'running')
      verification.value = { ...verification.value, isStopping: false };
  }

  function dismiss(): void {
    runId += 1;
    verification.value = idle;
  }

  host.on('audit.verificationProgress', ({ checked, total }) => {
    if (verification.value.state === 'running') verification.value = { ...verification.value, checked, total };
  });
  watch(
    () => workspace.generation,
    () => {
      // If the host stopped responding during the verification, that error stays after it responds again.
      if (verification.value.state !== 'failed' || !isHostUnreachable(verification.value.error)) dismiss();
    },
  );

  return {
    verification,
    verify,
    stop,
    dismiss,
    /** Exports the records that match the list's filter, or all. */
    exportLog(format: ExportFormat, includesAll: boolean): Promise<Envelope<AuditExport>> {
      const filter = includesAll ? undefined : toAuditFilter(audit.query);
      return host.call('audit.export', { format, ...(filter && { filter }) });
    },
  };
});
