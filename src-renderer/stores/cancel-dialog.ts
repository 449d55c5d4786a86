/** State of the dialog that cancels one session, from the reason to the outcome. */
import { defineStore } from 'pinia';
import { computed, shallowRef } from 'vue';
import type { CallError, Cancellation, Reason, Session } from '../contract.ts';
import { errorOf, useHost } from './host.ts';

/**
 * `sending`: the request is running, and the dialog cannot be closed. `rejected`: Session Desk declined the request.
 */
export type CancelStep = 'reason' | 'sending' | 'outcome' | 'rejected';

export const useCancelDialog = defineStore('cancel-dialog', () => {
  const host = useHost();
  const session = shallowRef<Session | null>(null);
  const step = shallowRef<CancelStep>('reason');
  const outcome = shallowRef<Cancellation | null>(null);
  const error = shallowRef<CallError | null>(null);
  const isChecking = shallowRef(false);

  function open(target: Session): void {
    if (session.value) return;
    session.value = target;
    step.value = 'reason';
    outcome.value = null;
    error.value = null;
  }

  const isBusy = computed(() => step.value === 'sending' || isChecking.value);

  function close(): void {
    if (!isBusy.value) session.value = null;
  }

  async function confirm(reason: Reason): Promise<void> {
    if (!session.value || step.value === 'sending') return;
    step.value = 'sending';
    const result = await host.call('cancellations.request', { sessionKey: session.value.key, reason });
    outcome.value = result.ok ? result.value : null;
    error.value = errorOf(result);
    step.value = result.ok ? 'outcome' : 'rejected';
  }

  /** Opens the dialog for an earlier cancellation with an unknown outcome and checks it at the provider. */
  async function openAndCheck(target: Session, cancellation: Cancellation): Promise<void> {
    if (session.value) return;
    open(target);
    outcome.value = cancellation;
    step.value = 'outcome';
    await checkOutcome();
  }

  /** Reads the session at the provider. Sends no cancellation. */
  async function checkOutcome(): Promise<void> {
    if (!outcome.value || isChecking.value) return;
    isChecking.value = true;
    const result = await host.call('cancellations.check', { cancellationId: outcome.value.id });
    isChecking.value = false;
    if (result.ok) outcome.value = result.value;
    error.value = errorOf(result);
  }

  host.on('cancellations.changed', ({ rows }) => {
    const changed = rows.find((row) => row.id === outcome.value?.id);
    if (changed) outcome.value = changed;
  });

  return {
    session,
    step,
    outcome,
    error,
    isChecking,
    isBusy,
    open,
    close,
    confirm,
    checkOutcome,
    openAndCheck,
  };
});
