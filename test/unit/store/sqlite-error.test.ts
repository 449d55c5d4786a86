import { describe, expect, it } from 'vitest';
import { isLockedError, toAppError } from '../../../src-main/core/store/sqlite-error.ts';

const errorWith = (fields: object) => Object.assign(new Error('database or disk is full'), fields);

describe('toAppError', () => {
  it.each([
    { fields: { errcode: 13 }, code: 'disk_full' },
    { fields: { rawCode: 26 }, code: 'database_damaged' },
    // SQLITE_CORRUPT_VTAB: the lowest byte is SQLITE_CORRUPT.
    { fields: { errcode: 267 }, code: 'database_damaged' },
    { fields: { errcode: 14 }, code: 'folder_not_writable' },
    { fields: { code: 'ENOSPC' }, code: 'disk_full' },
  ])('an error with $fields becomes $code', ({ fields, code }) => {
    expect(toAppError(errorWith(fields), '/data')).toMatchObject({ code, retryable: true });
  });

  it('an error with a known text, but no known code, stays as it is', () => {
    for (const fields of [{}, { errcode: 1 }, { errcode: '13' }, { code: 'ECONNRESET' }]) {
      const error = errorWith(fields);
      expect(toAppError(error, '/data')).toBe(error);
    }
  });
});

it('isLockedError: BUSY and LOCKED, also as extended codes', () => {
  expect([5, 6, 261, 13].map((errcode) => isLockedError(errorWith({ errcode })))).toEqual([true, true, true, false]);
});
