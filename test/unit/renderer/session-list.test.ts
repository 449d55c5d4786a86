import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  columnNames,
  fitColumns,
  sanitizeColumns,
  defaultColumns,
  secondsToAge,
  filterOptions,
  defaultSessionQuery,
  toSessionFilter,
  hasFilterChips,
  isFiltered,
  isSameQuery,
  parseSessionQuery,
  toUrlQuery,
  ageToSeconds,
  type SessionQuery,
} from '../../../src-renderer/session-list.ts';
import { emptySessionFilter, sessionSort } from '../../../src-main/contract/index.ts';

const nullable = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: null });
const age = fc
  .tuple(fc.integer({ min: 1, max: 999 }), fc.constantFrom('m', 'h', 'd'))
  .map(([count, unit]) => ageToSeconds(count, unit));
const arbitraryQueries = fc.record({
  search: fc.string({ maxLength: 40 }).map((text) => text.trim()),
  statuses: fc.subarray([...filterOptions('statuses')]),
  environments: fc.subarray([...filterOptions('environments')]),
  providers: fc.subarray([...filterOptions('providers')]),
  products: fc.subarray([...filterOptions('products')]),
  sources: fc.subarray([...filterOptions('sources')]),
  connectionIds: fc.uniqueArray(fc.uuid(), { maxLength: 3 }),
  olderThan: nullable(age),
  youngerThan: nullable(age),
  uncheckedFor: nullable(fc.oneof(age, fc.constant('never' as const))),
  amount: nullable(
    fc.record({
      currency: fc.constantFrom('CAD', 'IDR'),
      from: nullable(fc.constantFrom('0', '12.50')),
      to: nullable(fc.constantFrom('13', '9000000')),
    }),
  ),
  sort: fc.record({ by: fc.constantFrom(...sessionSort.shape.by.unwrap().options), descending: fc.boolean() }),
}) satisfies fc.Arbitrary<SessionQuery>;

describe('session query in the URL', () => {
  it('parseSessionQuery: reads every query that toUrlQuery has written', () => {
    fc.assert(
      fc.property(arbitraryQueries, (query) => {
        const urlParams = new URLSearchParams(toUrlQuery(query)).toString();
        const parsed = parseSessionQuery(Object.fromEntries(new URLSearchParams(urlParams)));
        expect(parsed).toEqual(query);
        expect(isSameQuery(parsed, query)).toBe(true);
      }),
    );
  });

  it('toUrlQuery: the default query has no parameters', () => {
    expect(toUrlQuery(defaultSessionQuery)).toEqual({});
    expect(parseSessionQuery({})).toEqual(defaultSessionQuery);
    expect(isFiltered(defaultSessionQuery)).toBe(false);
    expect(toSessionFilter(defaultSessionQuery, 0)).toEqual(emptySessionFilter);
  });

  it.each([
    'status=gone',
    'older=2',
    'older=0h',
    'older=1e9d',
    'amount=12',
    'amount=CAD:x-1',
    'connection=1',
    'sort=password',
    'unchecked=ever',
  ])('parseSessionQuery: ignores an invalid parameter: %s', (query) => {
    expect(parseSessionQuery(Object.fromEntries(new URLSearchParams(query)))).toEqual(defaultSessionQuery);
  });

  it('toSessionFilter: converts ages to instants', () => {
    const now = Date.parse('2026-11-21T12:00:00.000Z');
    expect(
      toSessionFilter({ ...defaultSessionQuery, olderThan: 7_200, youngerThan: 86_400, uncheckedFor: 900 }, now),
    ).toMatchObject({
      createdBefore: '2026-11-21T10:00:00.000Z',
      createdFrom: '2026-11-20T12:00:00.000Z',
      checkedBefore: '2026-11-21T11:45:00.000Z',
      neverChecked: false,
    });
    expect(toSessionFilter({ ...defaultSessionQuery, uncheckedFor: 'never' }, now)).toMatchObject({
      checkedBefore: null,
      neverChecked: true,
    });
    expect(secondsToAge(7_200)).toEqual({ count: 2, unit: 'h' });
    expect(secondsToAge(5_400)).toEqual({ count: 90, unit: 'm' });
  });

  it('hasFilterChips: is true for parts that neither the tabs nor the search field show', () => {
    expect(hasFilterChips({ ...defaultSessionQuery, search: 'x', statuses: ['active'] })).toBe(false);
    expect(hasFilterChips({ ...defaultSessionQuery, statuses: ['active', 'unknown'] })).toBe(true);
    expect(hasFilterChips({ ...defaultSessionQuery, olderThan: 60 })).toBe(true);
  });
});

describe('columns', () => {
  it('fitColumns: shows all columns in a wide window and those with the highest priority in a narrow one', () => {
    expect(fitColumns(defaultColumns, {}, 1_400).shown).toEqual(defaultColumns);
    expect(fitColumns(defaultColumns, {}, 600).shown).toEqual(['status', 'reference', 'amount', 'age']);
    expect(fitColumns(defaultColumns, {}, 10).shown).toEqual(['status']);
  });

  it('fitColumns: the last column fills the width if the operator has resized all', () => {
    expect(fitColumns(['status', 'age'], { status: 200, age: 90 }, 800).template).toBe('20px 200px minmax(90px, 1fr)');
    expect(fitColumns(['reference', 'age'], {}, 800).template).toBe('20px minmax(110px, 1.3fr) 60px');
  });

  it('sanitizeColumns: leaves out unknown columns', () => {
    expect(sanitizeColumns(['age', 'colour', 'status'])).toEqual(['age', 'status']);
    expect(sanitizeColumns(['colour'])).toEqual(defaultColumns);
    expect(sanitizeColumns(columnNames)).toEqual(columnNames);
  });
});
