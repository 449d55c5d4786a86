/** The cancel dialog: from the question to an outcome that has been seen. */
import { defineStore } from 'pinia';
import { computed, shallowRef } from 'vue';
import type { CallError, Cancellation, Reason, Session } from '../contract.ts';
import { useHost } from './host.ts';

/** `asking`: the provider is being asked, and nothing closes the dialog. `declined`: the console itself said no. */
export type Step = 'reason' | 'asking' | 'outcome' | 'declined';

export const useCancellation = defineStore('cancellation', () => {
  const host = useHost();
  const session = shallowRef<Session | null>(null);
  const step = shallowRef<Step>('reason');
  const outcome = shallowRef<Cancellation | null>(null);
  const error = shallowRef<CallError | null>(null);
  const checking = shallowRef(false);

  function open(target: Session): void {
    if (session.value) return;
    session.value = target;
    step.value = 'reason';
    outcome.value = null;
    error.value = null;
  }

  const locked = computed(() => step.value === 'asking' || checking.value);

  function close(): void {
    if (!locked.value) session.value = null;
  }

  async function confirm(reason: Reason): Promise<void> {
    if (!session.value || step.value === 'asking') return;
    step.value = 'asking';
    const answer = await host.ask('cancellations.request', { sessionKey: session.value.key, reason });
    outcome.value = answer.ok ? answer.value : null;
    error.value = answer.ok ? null : answer.error;
    step.value = answer.ok ? 'outcome' : 'declined';
  }

  /** Opens the dialog on a past attempt whose outcome is not known, to check it with the provider. */
  async function recheck(target: Session, past: Cancellation): Promise<void> {
    if (session.value) return;
    open(target);
    outcome.value = past;
    step.value = 'outcome';
    await check();
  }

  /** Reads an unknown cancellation back; sends nothing. */
  async function check(): Promise<void> {
    if (!outcome.value || checking.value) return;
    checking.value = true;
    const answer = await host.ask('cancellations.check', { cancellationId: outcome.value.id });
    checking.value = false;
    if (answer.ok) outcome.value = answer.value;
    error.value = answer.ok ? null : answer.error;
  }

  host.on('cancellations.changed', ({ rows }) => {
    const changed = rows.find((row) => row.id === outcome.value?.id);
    if (changed) outcome.value = changed;
  });

  return { session, step, outcome, error, checking, locked, open, close, confirm, check, recheck };
});
