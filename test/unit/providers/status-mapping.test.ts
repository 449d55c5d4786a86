import { describe, expect, it } from 'vitest';
import { cause, productsByProvider } from '../../../src-main/contract/index.ts';
import type { StatusMapping } from '../../../src-main/core/providers/provider.ts';
import * as flinks from '../../../src-main/core/providers/flinks/mappings.ts';
import { findErrorOutcome, normalizeStatus, findStatus } from '../../../src-main/core/providers/status-mapping.ts';
import * as xendit from '../../../src-main/core/providers/xendit/mappings.ts';

const lookUp = (table: readonly StatusMapping[], status: string | null, code: string | null) => {
  const state = findStatus(table, status, code);
  return `${state.status}${state.isFinal ? ', final' : ''}`;
};

describe('the states of Flinks Pay', () => {
  it.each([
    ['Initiated', 'EFT0101', 'active'],
    ['Initiated', null, 'active'],
    ['InProgress', null, 'in_progress'],
    ['Completed', 'EFT0301', 'completed, final'],
    ['Completed', null, 'completed, final'],
    ['Completed', 'EFT0302', 'completed_unfinished'],
    ['completed', ' eft0302 ', 'completed_unfinished'],
    ['Failed', 'EFT0401', 'failed, final'],
    ['Failed', 'EFT0402', 'failed, final'],
    ['Failed', 'EFT0403', 'failed, final'],
    ['Failed', 'EFT0404', 'failed, final'],
    ['Canceled', 'EFT0501', 'cancelled, final'],
    ['Cancelled', 'EFT0501', 'cancelled, final'],
    ['CANCELLED', null, 'cancelled, final'],
    [null, 'EFT0501', 'cancelled, final'],
    ['Expired', 'EFT0601', 'expired, final'],
    // Codes of e-Transfer are not documented: the status decides.
    ['Cancelled', 'ETR0501', 'cancelled, final'],
    ['Completed', 'ETR0301', 'completed, final'],
    // What contradicts itself, and what nobody documents, claims nothing.
    ['Completed', 'EFT0501', 'unknown'],
    ['Canceled', 'EFT0101', 'unknown'],
    ['Initiated', 'EFT0501', 'unknown'],
    ['Processed', null, 'unknown'],
    ['Paused', 'EFT0301', 'unknown'],
    [null, 'EFT0301', 'unknown'],
    [null, null, 'unknown'],
    ['Not cancelled', null, 'unknown'],
    ['Cancelling', 'EFT0501', 'unknown'],
  ])('%s with %s is %s', (status, code, expected) => {
    expect(lookUp(flinks.statusMappings, status, code)).toBe(expected);
  });

  it('is one table for all of its products', () => {
    expect(productsByProvider.flinks).toEqual(['geft', 'eft', 'e_transfer']);
  });
});

describe('the states of Xendit', () => {
  it.each([
    ['ACTIVE', 'active'],
    ['PENDING', 'in_progress'],
    ['COMPLETED', 'completed, final'],
    ['EXPIRED', 'expired, final'],
    ['CANCELED', 'cancelled, final'],
    ['cancelled', 'cancelled, final'],
    ['FAILED', 'unknown'],
    ['CANCELED!', 'unknown'],
    ['', 'unknown'],
  ])('%s is %s', (status, expected) => {
    expect(lookUp(xendit.statusMappings, status, null)).toBe(expected);
  });
});

it('folds a status whole, never a part of it', () => {
  expect(['Cancelled', ' CANCELED ', 'uncancelled', 'cancelled-not'].map(normalizeStatus)).toEqual([
    'canceled',
    'canceled',
    'uncancelled',
    'cancelled-not',
  ]);
});

describe('the errors', () => {
  const verdict = (table: typeof flinks.errorMappings, httpStatus: number, code: string | null = null) =>
    Object.values(findErrorOutcome(table, httpStatus, code)).join(' ');

  it('that HTTP itself tells apart are the same for both', () => {
    for (const table of [flinks.errorMappings, xendit.errorMappings]) {
      expect(
        [302, 401, 403, 404, 405, 408, 409, 413, 418, 429, 500, 599].map(
          (status) => `${status} ${verdict(table, status)}`,
        ),
      ).toEqual([
        '302 unclear redirected',
        '401 refused unauthorized',
        '403 refused forbidden',
        '404 not_found',
        '405 refused endpoint_off',
        '408 unclear timed_out',
        '409 unclear status_unexpected',
        '413 refused request_invalid',
        '418 unclear status_unexpected',
        '429 throttled',
        '500 unclear server_error',
        '599 unclear server_error',
      ]);
    }
  });

  it('say already final with a 400 at Flinks and a 422 at Xendit', () => {
    expect([verdict(flinks.errorMappings, 400), verdict(flinks.errorMappings, 422)]).toEqual([
      'final',
      'unclear status_unexpected',
    ]);
    expect([verdict(xendit.errorMappings, 400), verdict(xendit.errorMappings, 422)]).toEqual([
      'refused request_invalid',
      'final',
    ]);
  });

  it('look at the HTTP status first and the code second', () => {
    expect(verdict(xendit.errorMappings, 403, 'UNAUTHORIZED_SENDER_IP')).toBe('refused address_not_allowed');
    expect(verdict(xendit.errorMappings, 404, 'UNAUTHORIZED_SENDER_IP')).toBe('not_found');
    expect(verdict(xendit.errorMappings, 500, 'NOT_FOUND')).toBe('unclear server_error');
  });

  it('never mean a cancel was carried out, and every status has one', () => {
    for (const table of [flinks.errorMappings, xendit.errorMappings]) {
      for (let status = 300; status < 600; status++) {
        const found = findErrorOutcome(table, status, null);
        expect(['final', 'not_found', 'throttled', 'refused', 'unclear']).toContain(found.kind);
        if ('cause' in found) expect(cause.options).toContain(found.cause);
      }
    }
  });
});
