/** The list as its address says it. Ages stay relative here, and become instants when the list is asked for. */
import {
  environment,
  newestFirst,
  product,
  providerName,
  sessionFilter,
  sessionSort,
  sessionSource,
  statusOrder,
} from '../contract.ts';
import type { SessionFilter, SessionSort } from '../contract.ts';

/** What can be chosen from, several at once; the same names as in the filter of the contract. */
export const filterFields = ['statuses', 'connectionIds', 'environments', 'providers', 'products', 'sources'] as const;
export type FilterField = (typeof filterFields)[number];

export interface SessionQuery extends Readonly<Pick<SessionFilter, 'search' | 'amount' | FilterField>> {
  /** Seconds. */
  readonly olderThan: number | null;
  readonly youngerThan: number | null;
  /** Not read at the provider for so many seconds; 'never': not once. */
  readonly uncheckedFor: number | 'never' | null;
  readonly sort: SessionSort;
}

export type UrlQuery = Readonly<Record<string, string>>;

export const defaultSessionQuery: SessionQuery = {
  search: '',
  statuses: [],
  connectionIds: [],
  environments: [],
  providers: [],
  products: [],
  sources: [],
  amount: null,
  olderThan: null,
  youngerThan: null,
  uncheckedFor: null,
  sort: newestFirst,
};

/** Their names in the address. */
const urlParamNames = {
  statuses: 'status',
  connectionIds: 'connection',
  environments: 'environment',
  providers: 'provider',
  products: 'product',
  sources: 'source',
} as const satisfies Record<FilterField, string>;

const optionsByField: {
  readonly [Name in Exclude<FilterField, 'connectionIds'>]: { readonly options: readonly SessionQuery[Name][number][] };
} = {
  statuses: { options: statusOrder },
  environments: environment,
  providers: providerName,
  products: product,
  sources: sessionSource,
};

/** Every choice of a kind, in the order in which they are offered. */
export function filterOptions<Name extends Exclude<FilterField, 'connectionIds'>>(
  kind: Name,
): readonly SessionQuery[Name][number][] {
  return optionsByField[kind].options;
}

const secondsPerUnit = { m: 60, h: 3_600, d: 86_400 } as const;
export type AgeUnit = keyof typeof secondsPerUnit;
export const ageUnits = ['m', 'h', 'd'] as const satisfies readonly AgeUnit[];

/** 7,200 is 2 hours: the largest unit that divides it. */
export function secondsToAge(seconds: number): { count: number; unit: AgeUnit } {
  const unit = (['d', 'h', 'm'] as const).find((each) => seconds % secondsPerUnit[each] === 0) ?? 'm';
  return { count: Math.max(1, Math.round(seconds / secondsPerUnit[unit])), unit };
}

export function ageToSeconds(count: number, unit: AgeUnit): number {
  return count * secondsPerUnit[unit];
}

function parseAge(text: string | undefined): number | null {
  const [, count, unit] = /^([1-9]\d{0,4})([mhd])$/.exec(text ?? '') ?? [];
  return count && unit ? ageToSeconds(Number(count), unit as AgeUnit) : null;
}

function formatAge(seconds: number): string {
  const { count, unit } = secondsToAge(seconds);
  return `${count}${unit}`;
}

function parseSort(text: string | undefined): SessionSort {
  const by = sessionSort.shape.by.unwrap().safeParse(text?.replace(/^-/, '')).data;
  return by ? { by, descending: text?.startsWith('-') ?? false } : newestFirst;
}

function parseAmount(text: string | undefined): SessionFilter['amount'] {
  const [, currency = '', from = '', to = ''] = /^([A-Z]{3})(?::([\d.]*)-([\d.]*))?$/.exec(text ?? '') ?? [];
  return sessionFilter.shape.amount.safeParse({ currency, from: from || null, to: to || null }).data ?? null;
}

/** What an address does not say rightly is left open: it may have been typed by hand, or be of another version. */
export function parseSessionQuery(query: Readonly<Record<string, unknown>>): SessionQuery {
  const text = (name: string): string | undefined => (typeof query[name] === 'string' ? query[name] : undefined);
  const list = <Choice extends string>(name: string, allowed: readonly Choice[]): Choice[] =>
    allowed.filter((choice) => text(name)?.split(',').includes(choice));
  return {
    search: (text('q') ?? '').trim().slice(0, 200),
    statuses: list('status', statusOrder),
    environments: list('environment', environment.options),
    providers: list('provider', providerName.options),
    products: list('product', product.options),
    sources: list('source', sessionSource.options),
    connectionIds:
      text('connection')
        ?.split(',')
        .filter((id) => sessionFilter.shape.connectionIds.safeParse([id]).success) ?? [],
    olderThan: parseAge(text('older')),
    youngerThan: parseAge(text('younger')),
    uncheckedFor: text('unchecked') === 'never' ? 'never' : parseAge(text('unchecked')),
    amount: parseAmount(text('amount')),
    sort: parseSort(text('sort')),
  };
}

export function toUrlQuery(query: SessionQuery): UrlQuery {
  const { search, olderThan, youngerThan, uncheckedFor, amount, sort } = query;
  const isUsual = sort.by === newestFirst.by && sort.descending === newestFirst.descending;
  return {
    ...(search && { q: search }),
    ...Object.fromEntries(
      filterFields.filter((kind) => query[kind].length > 0).map((kind) => [urlParamNames[kind], query[kind].join(',')]),
    ),
    ...(olderThan !== null && { older: formatAge(olderThan) }),
    ...(youngerThan !== null && { younger: formatAge(youngerThan) }),
    ...(uncheckedFor !== null && { unchecked: uncheckedFor === 'never' ? 'never' : formatAge(uncheckedFor) }),
    ...(amount && {
      amount:
        amount.from === null && amount.to === null
          ? amount.currency
          : `${amount.currency}:${amount.from ?? ''}-${amount.to ?? ''}`,
    }),
    ...(!isUsual && { sort: `${sort.descending ? '-' : ''}${sort.by}` }),
  };
}

/** The filter as it is asked for now: the same instants on every page. */
export function toSessionFilter(
  { olderThan, youngerThan, uncheckedFor, sort: _sort, ...rest }: SessionQuery,
  now: number,
): SessionFilter {
  const ago = (seconds: number | null): string | null =>
    seconds === null ? null : new Date(now - seconds * 1_000).toISOString();
  return {
    ...rest,
    createdBefore: ago(olderThan),
    createdFrom: ago(youngerThan),
    checkedBefore: uncheckedFor === 'never' ? null : ago(uncheckedFor),
    neverChecked: uncheckedFor === 'never',
  };
}

/** Whether two addresses ask for the same list; `sorted`: in whatever order. */
export function isSameQuery(one: SessionQuery, other: SessionQuery, sorted = false): boolean {
  const written = (query: SessionQuery): string =>
    JSON.stringify(toUrlQuery(sorted ? { ...query, sort: newestFirst } : query));
  return written(one) === written(other);
}

/** Something is left out: by a search, a choice or a range. */
export function isFiltered(query: SessionQuery): boolean {
  return !isSameQuery(query, defaultSessionQuery, true);
}

/** Beside what the tabs and the search field show already. */
export function hasFilterChips(query: SessionQuery): boolean {
  return isFiltered({ ...query, search: '', statuses: query.statuses.length > 1 ? query.statuses : [] });
}

export function toggleItem<Choice>(chosen: readonly Choice[], choice: Choice): Choice[] {
  return chosen.includes(choice) ? chosen.filter((each) => each !== choice) : [...chosen, choice];
}
