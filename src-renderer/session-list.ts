/**
 * The session list: its query in the URL and its columns. Ages are relative here and become instants when the list is
 * requested.
 */
import {
  environment,
  newestFirst,
  product,
  providerName,
  sessionFilter,
  sessionSort,
  sessionSource,
  statusOrder,
} from './contract.ts';
import type { SessionFilter, SessionSort } from './contract.ts';

/** Fields that filter by several options. The names are those of the contract's filter. */
export const filterFields = ['statuses', 'connectionIds', 'environments', 'providers', 'products', 'sources'] as const;
export type FilterField = (typeof filterFields)[number];

export interface SessionQuery extends Readonly<Pick<SessionFilter, 'search' | 'amount' | FilterField>> {
  /** Ages are in seconds. */
  readonly olderThan: number | null;
  readonly youngerThan: number | null;
  /** Status not checked at the provider for this many seconds; 'never': never checked. */
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

/** Names of the fields in the URL. */
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

/** All options of a field, in display order. */
export function filterOptions<Name extends Exclude<FilterField, 'connectionIds'>>(
  field: Name,
): readonly SessionQuery[Name][number][] {
  return optionsByField[field].options;
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

/** Ignores invalid parameters: the URL may be typed by hand or come from another version. */
export function parseSessionQuery(query: Readonly<Record<string, unknown>>): SessionQuery {
  const text = (name: string): string | undefined => (typeof query[name] === 'string' ? query[name] : undefined);
  const list = <Option extends string>(name: string, allowed: readonly Option[]): Option[] =>
    allowed.filter((option) => text(name)?.split(',').includes(option));
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
  const isDefaultSort = sort.by === newestFirst.by && sort.descending === newestFirst.descending;
  return {
    ...(search && { q: search }),
    ...Object.fromEntries(
      filterFields
        .filter((field) => query[field].length > 0)
        .map((field) => [urlParamNames[field], query[field].join(',')]),
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
    ...(!isDefaultSort && { sort: `${sort.descending ? '-' : ''}${sort.by}` }),
  };
}

/** The filter at the instant `now`: every page of a list uses the same instants. */
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

/** Whether two queries request the same list. With `ignoreSort`, the order may differ. */
export function isSameQuery(a: SessionQuery, b: SessionQuery, ignoreSort = false): boolean {
  const serialize = (query: SessionQuery): string =>
    JSON.stringify(toUrlQuery(ignoreSort ? { ...query, sort: newestFirst } : query));
  return serialize(a) === serialize(b);
}

/** Whether a search, an option or a range excludes sessions. */
export function isFiltered(query: SessionQuery): boolean {
  return !isSameQuery(query, defaultSessionQuery, true);
}

/** Whether the filter has parts that neither the tabs nor the search field show. */
export function hasFilterChips(query: SessionQuery): boolean {
  return isFiltered({ ...query, search: '', statuses: query.statuses.length > 1 ? query.statuses : [] });
}

export function toggleItem<Item>(items: readonly Item[], item: Item): Item[] {
  return items.includes(item) ? items.filter((each) => each !== item) : [...items, item];
}

interface Column {
  /** px; the minimum width if the column grows. */
  readonly width: number;
  readonly grow: number;
  /** In a narrow window the columns with the highest number are hidden first. */
  readonly priority: number;
  readonly sortBy?: SessionSort['by'];
  /** The first click on the header sorts descending. */
  readonly isDescendingFirst?: boolean;
  /** The column shows a time span to now: the later the instant, the smaller the shown value. */
  readonly isInverse?: boolean;
  readonly isEndAligned?: boolean;
}

export const columns = {
  status: { width: 146, grow: 0, priority: 1, sortBy: 'status' },
  reference: { width: 110, grow: 1.3, priority: 2, sortBy: 'reference' },
  id: { width: 126, grow: 0, priority: 7 },
  amount: { width: 116, grow: 0, priority: 3, sortBy: 'amount', isDescendingFirst: true, isEndAligned: true },
  connection: { width: 142, grow: 0.8, priority: 5 },
  age: {
    width: 60,
    grow: 0,
    priority: 4,
    sortBy: 'created',
    isDescendingFirst: true,
    isInverse: true,
    isEndAligned: true,
  },
  expires: { width: 74, grow: 0, priority: 6, sortBy: 'expires', isEndAligned: true },
  checked: { width: 84, grow: 0, priority: 8, sortBy: 'checked', isInverse: true, isEndAligned: true },
  product: { width: 124, grow: 0, priority: 9 },
  source: { width: 90, grow: 0, priority: 11 },
  note: { width: 130, grow: 1, priority: 10 },
} as const satisfies Record<string, Column>;

export type ColumnName = keyof typeof columns;
export const columnNames = Object.keys(columns) as ColumnName[];
export const defaultColumns: readonly ColumnName[] = [
  'status',
  'reference',
  'id',
  'amount',
  'connection',
  'age',
  'expires',
  'checked',
];

export const minColumnWidth = 44;
export const maxColumnWidth = 640;

export function getColumn(name: ColumnName): Column {
  return columns[name];
}

/**
 * The known columns among names from a saved view or a preference, which may come from another version. Default if
 * none.
 */
export function sanitizeColumns(names: readonly string[]): readonly ColumnName[] {
  const known = columnNames.filter((name) => names.includes(name)).sort((a, b) => names.indexOf(a) - names.indexOf(b));
  return known.length > 0 ? known : defaultColumns;
}

const columnGap = 12;
const checkboxWidth = 20;

/** The columns that fit into `availableWidth` px beside the row's checkbox, and their `grid-template-columns`. */
export function fitColumns(
  selected: readonly ColumnName[],
  widths: Readonly<Partial<Record<ColumnName, number>>>,
  availableWidth: number,
): { shown: readonly ColumnName[]; template: string } {
  const getWidth = (name: ColumnName): number => widths[name] ?? columns[name].width;
  let shown = [...selected];
  const requiredWidth = (): number => checkboxWidth + shown.reduce((sum, name) => sum + columnGap + getWidth(name), 0);
  while (shown.length > 1 && requiredWidth() > availableWidth) {
    const leastImportant = shown.reduce((a, b) => (columns[a].priority > columns[b].priority ? a : b));
    shown = shown.filter((name) => name !== leastImportant);
  }
  const hasGrowingColumn = shown.some((name) => columns[name].grow > 0 && widths[name] === undefined);
  const tracks = shown.map((name, index) => {
    const grow = widths[name] === undefined ? columns[name].grow : 0;
    if (!hasGrowingColumn && index === shown.length - 1) return `minmax(${getWidth(name)}px, 1fr)`;
    return grow > 0 ? `minmax(${getWidth(name)}px, ${grow}fr)` : `${getWidth(name)}px`;
  });
  return { shown, template: [`${checkboxWidth}px`, ...tracks].join(' ') };
}
