/** What a filter and an order mean, said as plainly as can be: beside it the store is tested, and the fake desk answers by it. */
import {
  statusOrder,
  type Connection,
  type ProviderName,
  type Session,
  type SessionFilter,
  type SessionSort,
} from '../../src-main/contract/index.ts';

type Account = Pick<Connection, 'id' | 'environment'> & { readonly provider: ProviderName };

const matchesSelection = <Value>(chosen: readonly Value[], value: Value): boolean =>
  chosen.length === 0 || chosen.includes(value);

/** A filter as one would explain it. */
export function matchesFilter(filter: SessionFilter, session: Session, accounts: readonly Account[]): boolean {
  const account = accounts.find(({ id }) => id === session.connectionId);
  const text = filter.search.toLowerCase();
  const born = session.createdAt ?? session.firstSeenAt;
  const value = session.amount === null ? null : Number(session.amount);
  const { amount } = filter;
  return (
    [session.reference, session.id, session.note].some((part) => part?.toLowerCase().includes(text) ?? false) &&
    matchesSelection(filter.statuses, session.status) &&
    matchesSelection(filter.products, session.product) &&
    matchesSelection(filter.sources, session.source) &&
    matchesSelection(filter.connectionIds, session.connectionId) &&
    account !== undefined &&
    matchesSelection(filter.providers, account.provider) &&
    matchesSelection(filter.environments, account.environment) &&
    (filter.createdFrom === null || born >= filter.createdFrom) &&
    (filter.createdBefore === null || born < filter.createdBefore) &&
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

/** Orders as the contract says; equals by when they were tracked. */
export function sessionComparator({ by, descending }: SessionSort) {
  return (one: Session, other: Session): number => {
    const [first, second] = descending ? [other, one] : [one, other];
    const [at, beside] = [
      [...sortKeyOf(by, first), first.key],
      [...sortKeyOf(by, second), second.key],
    ];
    const difference = at.findIndex((part, index) => part !== beside[index]);
    return difference < 0 ? 0 : (at[difference] ?? '') < (beside[difference] ?? '') ? -1 : 1;
  };
}
