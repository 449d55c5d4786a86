/** What batches say wherever the operator is: the page's title, a word when one ends or cannot go on, the system's own notice. */
import { computed, watch } from 'vue';
import type { ComputedRef } from 'vue';
import { useI18n } from 'vue-i18n';
import { useRouter } from 'vue-router';
import { useBatches } from '../stores/batches.ts';
import { useToasts } from '../stores/toasts.ts';
import { countSettled, useBatchLabels } from './batch-labels.ts';
import { useFormats } from './formats.ts';

/** Loads the batches' state when called through `load`; the title's part, e.g. `42%`, is empty while nothing runs. */
export function useBatchNotifications(): { readonly progress: ComputedRef<string> } {
  const { t } = useI18n();
  const formats = useFormats();
  const batchLabels = useBatchLabels();
  const router = useRouter();
  const batches = useBatches();
  const toasts = useToasts();

  const progress = computed(() => {
    const running = batches.active;
    const eligible = running.reduce((sum, batch) => sum + batch.eligible, 0);
    const done = running.reduce((sum, batch) => sum + countSettled(batch.outcomeCounts), 0);
    return eligible === 0 ? '' : t('batch.percent', { percent: formats.number(Math.floor((done / eligible) * 100)) });
  });

  function notify(id: string, body: string, tone: 'success' | 'error'): void {
    if (router.currentRoute.value.params['id'] !== id || document.hidden) toasts.show(body, tone);
    else toasts.announce(body);
    // Never asked for here: only where the person has allowed it in the browser, and does not look. The window has its own.
    const allowed = 'Notification' in window && Notification.permission === 'granted';
    if (allowed && !document.hasFocus()) new Notification(t('app.name'), { body, tag: id });
  }

  /** How each batch stood when it was last told of. */
  const last = new Map<string, { state: string; stuck: string }>();
  watch(
    () => batches.all,
    (all) => {
      for (const batch of all) {
        const paused = batch.connections
          .filter(({ state }) => state === 'paused')
          .map(({ connectionId }) => connectionId);
        const stuck = batch.issue ? batch.issue.action : paused.join();
        const before = last.get(batch.id);
        last.set(batch.id, { state: batch.state, stuck });
        if (!before) continue;
        const name = batchLabels.name(batch);
        if (before.state !== batch.state && batch.state === 'finished') {
          const values = {
            name,
            count: formats.number(batch.outcomeCounts.cancelled ?? 0),
            eligible: formats.number(batch.eligible),
          };
          notify(batch.id, t('batch.notification.finished', values), 'success');
        } else if (before.state !== batch.state && batch.state === 'stopped')
          notify(batch.id, t('batch.notification.stopped', { name }), 'success');
        else if (stuck && stuck !== before.stuck) notify(batch.id, t('batch.notification.blocked', { name }), 'error');
      }
    },
  );

  return { progress };
}
