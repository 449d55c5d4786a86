import { describe, expect, it } from 'vitest';
import { cause, productsByProvider } from '../../../src-main/contract/index.ts';
import type { StatusMapping } from '../../../src-main/core/providers/provider.ts';
import * as flinks from '../../../src-main/core/providers/flinks/session.ts';
import { findErrorOutcome, normalizeStatus, findStatus } from '../../../src-main/core/providers/result-mapping.ts';
import * as xendit from '../../../src-main/core/providers/xendit.ts';

const describeStatus = (table: readonly StatusMapping[], rawStatus: string | null, code: string | null) => {
  const { status, isFinal } = findStatus(table, rawStatus, code);
  return `${status}${isFinal ? ', final' : ''}`;
};

describe('findStatus', () => {
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
    // The codes of e-Transfer are not documented, so the status decides.
    ['Cancelled', 'ETR0501', 'cancelled, final'],
    ['Completed', 'ETR0301', 'completed, final'],
    // Contradictions and undocumented statuses are unknown.
    ['Completed', 'EFT0501', 'unknown'],
    ['Canceled', 'EFT0101', 'unknown'],
    ['Initiated', 'EFT0501', 'unknown'],
    ['Processed', null, 'unknown'],
    ['Paused', 'EFT0301', 'unknown'],
    [null, 'EFT0301', 'unknown'],
    [null, null, 'unknown'],
    ['Not cancelled', null, 'unknown'],
    ['Cancelling', 'EFT0501', 'unknown'],
  ])('Flinks status: %s with code %s is %s', (rawStatus, code, expected) => {
    expect(describeStatus(flinks.statusMappings, rawStatus, code)).toBe(expected);
  });

  it('Flinks status: all products share one table', () => {
    expect(productsByProvider.flinks).toEqual(['geft', 'eft', 'e_transfer']);
  });
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
  ])('Xendit status: %s is %s', (rawStatus, expected) => {
    expect(describeStatus(xendit.statusMappings, rawStatus, null)).toBe(expected);
  });
});

describe('normalizeStatus', () => {
  it('status: only the complete status is normalized', () => {
    expect(['Cancelled', ' CANCELED ', 'uncancelled', 'cancelled-not'].map(normalizeStatus)).toEqual([
      'canceled',
      'canceled',
      'uncancelled',
      'cancelled-not',
    ]);
  });
});

describe('findErrorOutcome', () => {
  const describeOutcome = (table: typeof flinks.errorMappings, httpStatus: number, code: string | null = null) =>
    Object.values(findErrorOutcome(table, httpStatus, code)).join(' ');

  it('errors: HTTP statuses without a row have the same outcome for both providers', () => {
    for (const table of [flinks.errorMappings, xendit.errorMappings]) {
      expect(
        [302, 401, 403, 404, 405, 408, 409, 413, 418, 429, 500, 599].map(
          (status) => `${status} ${describeOutcome(table, status)}`,
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

  it('errors: already final is a 400 at Flinks and a 422 at Xendit', () => {
    expect([describeOutcome(flinks.errorMappings, 400), describeOutcome(flinks.errorMappings, 422)]).toEqual([
      'final',
      'unclear status_unexpected',
    ]);
    expect([describeOutcome(xendit.errorMappings, 400), describeOutcome(xendit.errorMappings, 422)]).toEqual([
      'refused request_invalid',
      'final',
    ]);
  });

  it('errors: the HTTP status is compared before the code', () => {
    expect(describeOutcome(xendit.errorMappings, 403, 'UNAUTHORIZED_SENDER_IP')).toBe('refused address_not_allowed');
    expect(describeOutcome(xendit.errorMappings, 404, 'UNAUTHORIZED_SENDER_IP')).toBe('not_found');
    expect(describeOutcome(xendit.errorMappings, 500, 'NOT_FOUND')).toBe('unclear server_error');
  });

  it('errors: every HTTP status has an outcome, and none is cancelled', () => {
    for (const table of [flinks.errorMappings, xendit.errorMappings]) {
      for (let status = 300; status < 600; status++) {
        const outcome = findErrorOutcome(table, status, null);
        expect(['final', 'not_found', 'throttled', 'refused', 'unclear']).toContain(outcome.kind);
        if ('cause' in outcome) expect(cause.options).toContain(outcome.cause);
      }
    }
  });
});
