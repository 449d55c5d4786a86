/** Progress of batches in the page title, and toasts and system notifications when a batch ends or is blocked. */
import { computed, watch } from 'vue';
import type { ComputedRef } from 'vue';
import { useI18n } from 'vue-i18n';
import { useRouter } from 'vue-router';
import { useBatches } from '../stores/batches.ts';
import { useToasts } from '../stores/toasts.ts';
import { countSettled, useBatchLabels } from './batch-labels.ts';
import { useFormats } from './formats.ts';

/** `progress` is the part of the page title, e.g. `42%`. It is empty while no batch is active. */
export function useBatchNotifications(): { readonly progress: ComputedRef<string> } {
  const { t } = useI18n();
  const formats = useFormats();
  const batchLabels = useBatchLabels();
  const router = useRouter();
  const batches = useBatches();
  const toasts = useToasts();

  const progress = computed(() => {
    const { active } = batches;
    const eligible = active.reduce((sum, batch) => sum + batch.eligible, 0);
    const done = active.reduce((sum, batch) => sum + countSettled(batch.outcomeCounts), 0);
    return eligible === 0 ? '' : t('batch.percent', { percent: formats.number(Math.floor((done / eligible) * 100)) });
  });

  function notify(id: string, body: string, tone: 'success' | 'error'): void {
    if (router.currentRoute.value.params['id'] !== id || document.hidden) toasts.show(body, tone);
    else toasts.announce(body);
    // Browser only, without asking for permission, and only if the page has no focus. In Electron the main process
    // notifies.
    const isAllowed = 'Notification' in window && Notification.permission === 'granted';
    if (isAllowed && !document.hasFocus()) new Notification(t('app.name'), { body, tag: id });
  }

  /** State and blocking reason of each batch at the last update. */
  const previousStates = new Map<string, { state: string; blockedBy: string }>();
  watch(
    () => batches.all,
    (all) => {
      for (const batch of all) {
        const paused = batch.connections
          .filter(({ state }) => state === 'paused')
          .map(({ connectionId }) => connectionId);
        const blockedBy = batch.issue ? batch.issue.action : paused.join();
        const previous = previousStates.get(batch.id);
        previousStates.set(batch.id, { state: batch.state, blockedBy });
        if (!previous) continue;
        const name = batchLabels.name(batch);
        if (previous.state !== batch.state && batch.state === 'finished') {
          const values = {
            name,
            count: formats.number(batch.outcomeCounts.cancelled ?? 0),
            eligible: formats.number(batch.eligible),
          };
          notify(batch.id, t('batch.notification.finished', values), 'success');
        } else if (previous.state !== batch.state && batch.state === 'stopped')
          notify(batch.id, t('batch.notification.stopped', { name }), 'success');
        else if (blockedBy && blockedBy !== previous.blockedBy)
          notify(batch.id, t('batch.notification.blocked', { name }), 'error');
      }
    },
  );

  return { progress };
}
