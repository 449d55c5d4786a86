import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columnNames, fitColumns, knownColumns, usualColumns } from '../../../src-renderer/composables/columns.ts';
import {
  ageOf,
  choicesOf,
  everything,
  filterOf,
  hasChips,
  isNarrowed,
  isSameListing,
  parseListing,
  queryOf,
  secondsOf,
  type Listing,
} from '../../../src-renderer/composables/session-query-params.ts';
import { allSessions, sessionSort } from '../../../src-main/contract/index.ts';

const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: null });
const age = fc
  .tuple(fc.integer({ min: 1, max: 999 }), fc.constantFrom('m', 'h', 'd'))
  .map(([count, unit]) => secondsOf(count, unit));
const listings = fc.record({
  search: fc.string({ maxLength: 40 }).map((text) => text.trim()),
  statuses: fc.subarray([...choicesOf('statuses')]),
  environments: fc.subarray([...choicesOf('environments')]),
  providers: fc.subarray([...choicesOf('providers')]),
  products: fc.subarray([...choicesOf('products')]),
  sources: fc.subarray([...choicesOf('sources')]),
  connectionIds: fc.uniqueArray(fc.uuid(), { maxLength: 3 }),
  olderThan: maybe(age),
  youngerThan: maybe(age),
  uncheckedFor: maybe(fc.oneof(age, fc.constant('never' as const))),
  amount: maybe(
    fc.record({
      currency: fc.constantFrom('CAD', 'IDR'),
      from: maybe(fc.constantFrom('0', '12.50')),
      to: maybe(fc.constantFrom('13', '9000000')),
    }),
  ),
  sort: fc.record({ by: fc.constantFrom(...sessionSort.shape.by.unwrap().options), descending: fc.boolean() }),
}) satisfies fc.Arbitrary<Listing>;

describe('the list in its address', () => {
  it('is read as it was written, through a real address', () => {
    fc.assert(
      fc.property(listings, (listing) => {
        const written = new URLSearchParams(queryOf(listing)).toString();
        const read = parseListing(Object.fromEntries(new URLSearchParams(written)));
        expect(read).toEqual(listing);
        expect(isSameListing(read, listing)).toBe(true);
      }),
    );
  });

  it('says nothing of what is open', () => {
    expect(queryOf(everything)).toEqual({});
    expect(parseListing({})).toEqual(everything);
    expect(isNarrowed(everything)).toBe(false);
    expect(filterOf(everything, 0)).toEqual(allSessions);
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
  ])('leaves open what it says wrongly: %s', (query) => {
    expect(parseListing(Object.fromEntries(new URLSearchParams(query)))).toEqual(everything);
  });

  it('takes an age from now', () => {
    const now = Date.parse('2026-11-21T12:00:00.000Z');
    expect(filterOf({ ...everything, olderThan: 7_200, youngerThan: 86_400, uncheckedFor: 900 }, now)).toMatchObject({
      createdBefore: '2026-11-21T10:00:00.000Z',
      createdFrom: '2026-11-20T12:00:00.000Z',
      checkedBefore: '2026-11-21T11:45:00.000Z',
      neverChecked: false,
    });
    expect(filterOf({ ...everything, uncheckedFor: 'never' }, now)).toMatchObject({
      checkedBefore: null,
      neverChecked: true,
    });
    expect(ageOf(7_200)).toEqual({ count: 2, unit: 'h' });
    expect(ageOf(5_400)).toEqual({ count: 90, unit: 'm' });
  });

  it('has chips for what neither the tabs nor the search field show', () => {
    expect(hasChips({ ...everything, search: 'x', statuses: ['active'] })).toBe(false);
    expect(hasChips({ ...everything, statuses: ['active', 'unknown'] })).toBe(true);
    expect(hasChips({ ...everything, olderThan: 60 })).toBe(true);
  });
});

describe('the columns', () => {
  it('all fit where there is room, and give way by rank where there is not', () => {
    expect(fitColumns(usualColumns, {}, 1_400).shown).toEqual(usualColumns);
    expect(fitColumns(usualColumns, {}, 600).shown).toEqual(['status', 'reference', 'amount', 'age']);
    expect(fitColumns(usualColumns, {}, 10).shown).toEqual(['status']);
  });

  it('fill the width also where each was sized by hand', () => {
    expect(fitColumns(['status', 'age'], { status: 200, age: 90 }, 800).template).toBe('20px 200px minmax(90px, 1fr)');
    expect(fitColumns(['reference', 'age'], {}, 800).template).toBe('20px minmax(110px, 1.3fr) 60px');
  });

  it('of another version are left out', () => {
    expect(knownColumns(['age', 'colour', 'status'])).toEqual(['age', 'status']);
    expect(knownColumns(['colour'])).toEqual(usualColumns);
    expect(knownColumns(columnNames)).toEqual(columnNames);
  });
});
