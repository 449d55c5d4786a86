/** The verification of the audit log, and its export. What was found stays until another one, or until the desk is another. */
import { defineStore } from 'pinia';
import { shallowRef, watch } from 'vue';
import { toAuditFilter } from '../composables/audit-query-params.ts';
import type { AuditExport, AuditExportFormat, VerificationResult, CallError, Envelope } from '../contract.ts';
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
  let run = 0;

  async function verify(): Promise<void> {
    if (verification.value.state === 'running') return;
    const mine = ++run;
    verification.value = { state: 'running', checked: 0, total: audit.headSequence ?? 0, isStopping: false };
    const answer = await host.call('audit.verify', {});
    if (mine !== run) return;
    verification.value = answer.ok ? { state: 'done', result: answer.value } : { state: 'failed', error: answer.error };
  }

  /** Also ends a verification that another window of this console began. */
  async function stop(): Promise<void> {
    if (verification.value.state === 'running') verification.value = { ...verification.value, isStopping: true };
    const mine = run;
    const answer = await host.call('audit.stopVerification', {});
    if (mine === run && !answer.ok && verification.value.state === 'running')
      verification.value = { ...verification.value, isStopping: false };
  }

  function dismiss(): void {
    run += 1;
    verification.value = idle;
  }

  host.on('audit.verificationProgress', ({ checked, total }) => {
    if (verification.value.state === 'running') verification.value = { ...verification.value, checked, total };
  });
  watch(
    () => workspace.generation,
    () => {
      // That the host went away in the middle is still worth reading when it is back.
      if (verification.value.state !== 'failed' || !isHostUnreachable(verification.value.error)) dismiss();
    },
  );

  return {
    verification,
    verify,
    stop,
    dismiss,
    /** What the list on the screen is narrowed to, or the whole log. */
    exportLog(format: AuditExportFormat, whole: boolean): Promise<Envelope<AuditExport>> {
      const filter = whole ? undefined : toAuditFilter(audit.query);
      return host.call('audit.export', { format, ...(filter && { filter }) });
    },
  };
});
