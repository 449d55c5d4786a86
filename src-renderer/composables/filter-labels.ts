/** Texts for the filter of the session list. */
import { useI18n } from 'vue-i18n';
import type { Environment, Product, ProviderName, SessionSource, SessionStatus } from '../contract.ts';
import { assertNever } from '../contract.ts';
import { useConnections } from '../stores/connections.ts';
import { useFormats } from './formats.ts';
import { secondsToAge, filterFields } from '../session-list.ts';
import type { FilterField, SessionQuery } from '../session-list.ts';

/** An active part of a filter. */
export interface FilterChip<Query> {
  readonly id: string;
  readonly text: string;
  /** The change that removes the chip. */
  readonly queryChange: Partial<Query>;
}

const ageChipKeys = {
  olderThan: 'filter.chipOlder',
  youngerThan: 'filter.chipYounger',
  uncheckedFor: 'filter.chipUnchecked',
} as const;

export function useFilterLabels() {
  const { t } = useI18n();
  const formats = useFormats();
  const connections = useConnections();

  function optionLabel(field: FilterField, value: string): string {
    switch (field) {
      case 'statuses':
        return t(`status.${value as SessionStatus}`);
      case 'connectionIds':
        return connections.byId.get(value)?.name ?? t('filter.connectionRemoved');
      case 'environments':
        return t(`environment.${value as Environment}`);
      case 'providers':
        return t(`provider.${value as ProviderName}`);
      case 'products':
        return t(`product.${value as Product}`);
      case 'sources':
        return t(`source.${value as SessionSource}`);
      default:
        return assertNever(field);
    }
  }

  function ageLabel(seconds: number | 'never'): string {
    if (seconds === 'never') return t('filter.never');
    const { count, unit } = secondsToAge(seconds);
    return formats.countText(`filter.age.${unit}`, count);
  }

  function amountLabel({ currency, from, to }: NonNullable<SessionQuery['amount']>): string {
    if (from !== null && to !== null)
      return t('filter.amount.between', { from: formats.amount(from, currency), to: formats.amount(to, currency) });
    if (from !== null) return t('filter.amount.from', { from: formats.amount(from, currency) });
    return to === null
      ? t('filter.amount.currency', { currency })
      : t('filter.amount.to', { to: formats.amount(to, currency) });
  }

  return {
    optionLabel,
    ageLabel,
    /** One chip for each part of the filter that neither the tabs nor the search field show. */
    chips: (query: SessionQuery): FilterChip<SessionQuery>[] => [
      ...filterFields
        .filter((field) => query[field].length > (field === 'statuses' ? 1 : 0))
        .map((field) => ({
          id: field,
          queryChange: { [field]: [] },
          text: t('filter.chip', {
            kind: t(`filter.kind.${field}`),
            choices: query[field].map((value) => optionLabel(field, value)).join(', '),
          }),
        })),
      ...(['olderThan', 'youngerThan', 'uncheckedFor'] as const).flatMap((id) => {
        const age = query[id];
        if (age === null) return [];
        const text = age === 'never' ? t('filter.chipNever') : t(ageChipKeys[id], { age: ageLabel(age) });
        return [{ id, text, queryChange: { [id]: null } }];
      }),
      ...(query.amount ? [{ id: 'amount', text: amountLabel(query.amount), queryChange: { amount: null } }] : []),
    ],
  };
}
