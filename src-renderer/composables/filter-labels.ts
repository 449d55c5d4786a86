/** A filter in the operator's words. */
import { useI18n } from 'vue-i18n';
import type { Environment, Product, ProviderName, SessionSource, SessionStatus } from '../contract.ts';
import { assertNever } from '../contract.ts';
import { useConnections } from '../stores/connections.ts';
import { useFormats } from './formats.ts';
import { ageOf, kinds } from './session-query-params.ts';
import type { Kind, Listing } from './session-query-params.ts';

export interface Chip {
  readonly id: string;
  readonly text: string;
  /** What takes the chip away. */
  readonly without: Partial<Listing>;
}

export function useFilterWords() {
  const { t } = useI18n();
  const formats = useFormats();
  const connections = useConnections();

  function choice(kind: Kind, value: string): string {
    switch (kind) {
      case 'statuses':
        return t(`status.${value as SessionStatus}`);
      case 'connectionIds':
        return connections.byId.get(value)?.name ?? t('filter.connectionGone');
      case 'environments':
        return t(`environment.${value as Environment}`);
      case 'providers':
        return t(`provider.${value as ProviderName}`);
      case 'products':
        return t(`product.${value as Product}`);
      case 'sources':
        return t(`source.${value as SessionSource}`);
      default:
        return assertNever(kind);
    }
  }

  function age(seconds: number | 'never'): string {
    if (seconds === 'never') return t('filter.never');
    const { count, unit } = ageOf(seconds);
    return t(`filter.age.${unit}`, { count: formats.number(count) }, count);
  }

  function amount({ currency, from, to }: NonNullable<Listing['amount']>): string {
    if (from !== null && to !== null)
      return t('filter.amount.between', { from: formats.amount(from, currency), to: formats.amount(to, currency) });
    if (from !== null) return t('filter.amount.from', { from: formats.amount(from, currency) });
    return to === null
      ? t('filter.amount.currency', { currency })
      : t('filter.amount.to', { to: formats.amount(to, currency) });
  }

  return {
    choice,
    age,
    /** One for each part of the filter that neither the tabs nor the search field show. */
    chips: (listing: Listing): Chip[] => [
      ...kinds
        .filter((kind) => listing[kind].length > (kind === 'statuses' ? 1 : 0))
        .map((kind) => ({
          id: kind,
          without: { [kind]: [] },
          text: t('filter.chip', {
            kind: t(`filter.kind.${kind}`),
            choices: listing[kind].map((value) => choice(kind, value)).join(', '),
          }),
        })),
      ...(listing.olderThan === null
        ? []
        : [
            {
              id: 'olderThan',
              text: t('filter.chipOlder', { age: age(listing.olderThan) }),
              without: { olderThan: null },
            },
          ]),
      ...(listing.youngerThan === null
        ? []
        : [
            {
              id: 'youngerThan',
              text: t('filter.chipYounger', { age: age(listing.youngerThan) }),
              without: { youngerThan: null },
            },
          ]),
      ...(listing.uncheckedFor === null
        ? []
        : [
            {
              id: 'uncheckedFor',
              without: { uncheckedFor: null },
              text:
                listing.uncheckedFor === 'never'
                  ? t('filter.chipNever')
                  : t('filter.chipUnchecked', { age: age(listing.uncheckedFor) }),
            },
          ]),
      ...(listing.amount === null ? [] : [{ id: 'amount', text: amount(listing.amount), without: { amount: null } }]),
    ],
  };
}
