/** What batches say wherever the operator is: the page's title, a word when one ends or cannot go on, the system's own notice. */
import { computed, watch } from 'vue';
import type { ComputedRef } from 'vue';
import { useI18n } from 'vue-i18n';
import { useRouter } from 'vue-router';
import { useBatches } from '../stores/batches.ts';
import { useToasts } from '../stores/toasts.ts';
import { settledOf, useBatchWords } from './batch-labels.ts';
import { useFormats } from './formats.ts';

/** Loads the batches' state when called through `load`; the title's part, e.g. `42%`, is empty while nothing runs. */
export function useBatchNews(): { readonly progress: ComputedRef<string> } {
  const { t } = useI18n();
  const formats = useFormats();
  const words = useBatchWords();
  const router = useRouter();
  const batches = useBatches();
  const toasts = useToasts();

  const progress = computed(() => {
    const running = batches.underWay;
    const asked = running.reduce((sum, batch) => sum + batch.asked, 0);
    const done = running.reduce((sum, batch) => sum + settledOf(batch.outcomes), 0);
    return asked === 0 ? '' : t('batch.percent', { percent: formats.number(Math.floor((done / asked) * 100)) });
  });

  function tell(id: string, text: string, tone: 'good' | 'problem'): void {
    if (router.currentRoute.value.params['id'] !== id || document.hidden) toasts.say(text, tone);
    else toasts.announce(text);
    // Never asked for here: only where the person has allowed it in the browser, and does not look. The window has its own.
    const allowed = 'Notification' in window && Notification.permission === 'granted';
    if (allowed && !document.hasFocus()) new Notification(t('app.name'), { body: text, tag: id });
  }

  /** How each batch stood when it was last told of. */
  const last = new Map<string, { state: string; stuck: string }>();
  watch(
    () => batches.all,
    (all) => {
      for (const batch of all) {
        const paused = batch.lanes.filter(({ state }) => state === 'paused').map(({ connectionId }) => connectionId);
        const stuck = batch.trouble ? batch.trouble.remedy : paused.join();
        const before = last.get(batch.id);
        last.set(batch.id, { state: batch.state, stuck });
        if (!before) continue;
        const name = words.name(batch);
        if (before.state !== batch.state && batch.state === 'finished') {
          const values = {
            name,
            count: formats.number(batch.outcomes.cancelled ?? 0),
            asked: formats.number(batch.asked),
          };
          tell(batch.id, t('batch.news.finished', values), 'good');
        } else if (before.state !== batch.state && batch.state === 'stopped')
          tell(batch.id, t('batch.news.stopped', { name }), 'good');
        else if (stuck && stuck !== before.stuck) tell(batch.id, t('batch.news.stuck', { name }), 'problem');
      }
    },
  );

  return { progress };
}
