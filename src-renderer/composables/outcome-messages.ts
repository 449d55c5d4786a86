/** What a cancellation came to, in words: a headline, sentences, and how much attention they want. */
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

  function causeOf(cancellation: Cancellation, provider: string): string[] {
    return cancellation.cause === null ? [] : [t(`cause.${cancellation.cause}`, { provider })];
  }

  return function outcome(cancellation: Cancellation, providerName: ProviderName): OutcomeMessage {
    const provider = t(`provider.${providerName}`);
    const cause = causeOf(cancellation, provider);
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
        const found = cancellation.foundStatus ?? 'unknown';
        const paid = found === 'completed' || found === 'completed_unfinished';
        return {
          tone: paid ? 'warning' : 'info',
          title: t(`outcome.found.${found}.title`),
          sentences: [t(`outcome.found.${found}.text`, { provider })],
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
