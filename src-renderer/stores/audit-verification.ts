/** The verification of the audit log, and its export. What was found stays until another one, or until the desk is another. */
import { defineStore } from 'pinia';
import { shallowRef, watch } from 'vue';
import { auditFilterOf } from '../composables/audit-query-params.ts';
import type { AuditExport, AuditExportFormat, AuditVerdict, CallError, Envelope } from '../contract.ts';
import { useAudit } from './audit.ts';
import { useDesk } from './workspace.ts';
import { isHostLost, useHost } from './host.ts';

export type AuditCheck =
  | { readonly state: 'idle' }
  | { readonly state: 'running'; readonly checked: number; readonly total: number; readonly stopping: boolean }
  | { readonly state: 'done'; readonly verdict: AuditVerdict }
  | { readonly state: 'failed'; readonly error: CallError };

const idle: AuditCheck = { state: 'idle' };

export const useAuditCheck = defineStore('audit-check', () => {
  const host = useHost();
  const desk = useDesk();
  const audit = useAudit();
  const check = shallowRef<AuditCheck>(idle);
  let run = 0;

  async function verify(): Promise<void> {
    if (check.value.state === 'running') return;
    const mine = ++run;
    check.value = { state: 'running', checked: 0, total: audit.head ?? 0, stopping: false };
    const answer = await host.ask('audit.verify', {});
    if (mine !== run) return;
    check.value = answer.ok ? { state: 'done', verdict: answer.value } : { state: 'failed', error: answer.error };
  }

  /** Also ends a verification that another window of this console began. */
  async function stop(): Promise<void> {
    if (check.value.state === 'running') check.value = { ...check.value, stopping: true };
    const mine = run;
    const answer = await host.ask('audit.stopVerification', {});
    if (mine === run && !answer.ok && check.value.state === 'running')
      check.value = { ...check.value, stopping: false };
  }

  function dismiss(): void {
    run += 1;
    check.value = idle;
  }

  host.on('audit.verifying', ({ checked, total }) => {
    if (check.value.state === 'running') check.value = { ...check.value, checked, total };
  });
  watch(
    () => desk.generation,
    () => {
      // That the host went away in the middle is still worth reading when it is back.
      if (check.value.state !== 'failed' || !isHostLost(check.value.error)) dismiss();
    },
  );

  return {
    check,
    verify,
    stop,
    dismiss,
    /** What the list on the screen is narrowed to, or the whole log. */
    exportAs(format: AuditExportFormat, whole: boolean): Promise<Envelope<AuditExport>> {
      const filter = whole ? undefined : auditFilterOf(audit.listing);
      return host.ask('audit.export', { format, ...(filter && { filter }) });
    },
  };
});
