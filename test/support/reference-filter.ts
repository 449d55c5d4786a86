/**
 * A simple reference implementation of filter and sort order. The store is tested against it; the fake API client uses
 * it.
 */
import {
  statusOrder,
  type Connection,
  type ProviderName,
  type Session,
  type SessionFilter,
  type SessionSort,
} from '../../src-main/contract/index.ts';

type Account = Pick<Connection, 'id' | 'environment'> & { readonly provider: ProviderName };

const matchesSelection = <Value>(selection: readonly Value[], value: Value): boolean =>
  selection.length === 0 || selection.includes(value);

export function matchesFilter(filter: SessionFilter, session: Session, accounts: readonly Account[]): boolean {
  const account = accounts.find(({ id }) => id === session.connectionId);
  const text = filter.search.toLowerCase();
  const createdAt = session.createdAt ?? session.firstSeenAt;
  const value = session.amount === null ? null : Number(session.amount);
  const { amount } = filter;
  return (
    [session.reference, session.id, session.note].some((field) => field?.toLowerCase().includes(text) ?? false) &&
    matchesSelection(filter.statuses, session.status) &&
    matchesSelection(filter.products, session.product) &&
    matchesSelection(filter.sources, session.source) &&
    matchesSelection(filter.connectionIds, session.connectionId) &&
    account !== undefined &&
    matchesSelection(filter.providers, account.provider) &&
    matchesSelection(filter.environments, account.environment) &&
    (filter.createdFrom === null || createdAt >= filter.createdFrom) &&
    (filter.createdBefore === null || createdAt < filter.createdBefore) &&
    (filter.checkedBefore === null || session.lastCheckedAt === null || session.lastCheckedAt < filter.checkedBefore) &&
    (!filter.neverChecked || session.lastCheckedAt === null) &&
    (amount === null ||
      (session.currency === amount.currency &&
        ((amount.from === null && amount.to === null) ||
          (value !== null && value >= Number(amount.from ?? 0) && value <= Number(amount.to ?? Infinity)))))
  );
}

function sortKeyOf(by: SessionSort['by'], session: Session): readonly (string | number)[] {
  switch (by) {
    case 'tracked':
      return [];
    case 'created':
      return [session.createdAt ?? session.firstSeenAt];
    case 'expires':
      return [session.expiresAt ?? '9999'];
    case 'checked':
      return [session.lastCheckedAt ?? ''];
    case 'amount':
      return [session.currency ?? '', Number(session.amount ?? -1)];
    case 'reference':
      return [(session.reference ?? '\u{10ffff}').replace(/[A-Z]/g, (letter) => letter.toLowerCase())];
    case 'status':
      return [statusOrder.indexOf(session.status)];
  }
}

/** Compares sessions by a sort order; ties are sorted by key. */
export function sessionComparator({ by, descending }: SessionSort) {
  return (a: Session, b: Session): number => {
    const [first, second] = descending ? [b, a] : [a, b];
    const [firstKey, secondKey] = [
      [...sortKeyOf(by, first), first.key],
      [...sortKeyOf(by, second), second.key],
    ];
    const index = firstKey.findIndex((part, position) => part !== secondKey[position]);
    return index < 0 ? 0 : (firstKey[index] ?? '') < (secondKey[index] ?? '') ? -1 : 1;
  };
}
