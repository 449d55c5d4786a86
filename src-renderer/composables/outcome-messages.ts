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

  return function outcome(cancellation: Cancellation, providerName: ProviderName): OutcomeMessage {
    const provider = t(`provider.${providerName}`);
    const { state } = cancellation;
    const cause = cancellation.cause === null ? [] : [t(`cause.${cancellation.cause}`, { provider })];
    const createMessage = (tone: Tone, ...sentences: string[]): OutcomeMessage => ({
      tone,
      title: t(`outcome.title.${state}`),
      sentences,
    });
    switch (state) {
      case 'intended':
      case 'sent':
        return createMessage('info', t('outcome.pending', { provider }));
      case 'cancelled':
        return createMessage(
          'success',
          t(`outcome.customer.${providerName}`),
          ...(cancellation.confirmedBy === 'read_back' ? [t('outcome.byReadBack', { provider })] : []),
        );
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
        return createMessage('warning', t('outcome.notFound', { provider }), ...cause);
      case 'refused':
      case 'not_sent':
        return createMessage('error', ...cause, t('outcome.stillPayable'));
      case 'still_active':
        return createMessage('warning', t('outcome.stillActive', { provider }), ...cause, t('outcome.stillPayable'));
      case 'unknown':
        return createMessage('unknown', ...cause, t('outcome.checkRequired'));
      default:
        return assertNever(state);
    }
  };
}
