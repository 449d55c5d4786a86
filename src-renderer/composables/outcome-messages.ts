/** Title, sentences and tone for the outcome of a cancellation. */
import { useI18n } from 'vue-i18n';
import { assertNever } from '../contract.ts';
import type { Cancellation, ProviderName } from '../contract.ts';

export type Tone = 'info' | 'success' | 'warning' | 'error' | 'unknown';

export interface OutcomeMessage {
  readonly tone: Tone;
  readonly title: string;
  readonly sentences: readonly string[];
}

export function useOutcomeMessage() {
  const { t } = useI18n();

  function causeSentences(cancellation: Cancellation, provider: string): string[] {
    return cancellation.cause === null ? [] : [t(`cause.${cancellation.cause}`, { provider })];
  }

  return function outcome(cancellation: Cancellation, providerName: ProviderName): OutcomeMessage {
    const provider = t(`provider.${providerName}`);
    const cause = causeSentences(cancellation, provider);
    const { state } = cancellation;
    const title = state === 'already_final' ? '' : t(`outcome.title.${state}`);
    switch (state) {
      case 'intended':
      case 'sent':
        return { tone: 'info', title, sentences: [t('outcome.pending', { provider })] };
      case 'cancelled':
        return {
          tone: 'success',
          title,
          sentences: [
            t(`outcome.customer.${providerName}`),
            ...(cancellation.confirmedBy === 'read_back' ? [t('outcome.byReadBack', { provider })] : []),
          ],
        };
      case 'already_final': {
        const status = cancellation.foundStatus ?? 'unknown';
        const isPaid = status === 'completed' || status === 'completed_unfinished';
        return {
          tone: isPaid ? 'warning' : 'info',
          title: t(`outcome.found.${status}.title`),
          sentences: [t(`outcome.found.${status}.text`, { provider })],
        };
      }
      case 'not_found':
        return { tone: 'warning', title, sentences: [t('outcome.notFound', { provider }), ...cause] };
      case 'refused':
        return { tone: 'error', title, sentences: [...cause, t('outcome.stillPayable')] };
      case 'still_active':
        return {
          tone: 'warning',
          title,
          sentences: [t('outcome.stillActive', { provider }), ...cause, t('outcome.stillPayable')],
        };
      case 'unknown':
        return { tone: 'unknown', title, sentences: [...cause, t('outcome.checkRequired')] };
      case 'not_sent':
        return { tone: 'error', title, sentences: [...cause, t('outcome.stillPayable')] };
      default:
        return assertNever(state);
    }
  };
}
