import { describe, expect, it } from 'vitest';
import { AppError, createMessage, type Connection } from '../../../src-main/contract/index.ts';
import {
  createBatchCircuitBreaker,
  createIssueFromError,
  recordOutcome,
  type BatchCircuitBreaker,
} from '../../../src-main/core/batches/batch-issues.ts';
import { fakeMessage } from '../../support/fake-messages.ts';

const connection = { id: 'a', name: 'Xendit ID' } as Connection;
type CancelOutcome = Parameters<typeof recordOutcome>[2];
const cancelOutcome = (state: CancelOutcome['state'], cause: CancelOutcome['cause'] = null): CancelOutcome => ({
  state,
  cause,
});
const neverAborted = new AbortController().signal;

/** The action of the issue after each outcome; null if the connection was not paused. */
const observeOutcomes = (breaker: BatchCircuitBreaker, ...outcomes: CancelOutcome[]) =>
  outcomes.map((outcome) => recordOutcome(breaker, connection, outcome)?.action ?? null);

describe('CircuitBreaker', () => {
  it('recordOutcome: two refusals in a row pause the connection and suggest to replace the secret', () => {
    const breaker = createBatchCircuitBreaker();
    const refused = cancelOutcome('refused', 'unauthorized');
    expect(observeOutcomes(breaker, refused, cancelOutcome('cancelled'), refused, refused)).toEqual([
      null,
      null,
      null,
      'replace_secret',
    ]);
    expect(breaker.getIssue('a')).toMatchObject({
      messageKey: 'batch.connectionRefused',
      params: { name: 'Xendit ID' },
    });
    expect(breaker.getIssue('b')).toBeNull();
  });

  it.each([
    [cancelOutcome('refused', 'throttled'), 2, 'ask_provider', 'batch.connectionThrottled'],
    [cancelOutcome('refused', 'endpoint_off'), 2, 'ask_provider', 'batch.connectionCancelDisabled'],
    [cancelOutcome('refused', 'address_not_allowed'), 2, 'ask_provider', 'batch.connectionAddressNotAllowed'],
    [cancelOutcome('not_sent', 'connect_failed'), 3, 'check_network', 'batch.connectionUnreachable'],
    [cancelOutcome('unknown', 'timed_out'), 5, 'look_at_outcomes', 'batch.connectionUnclear'],
  ] as const)(
    'recordOutcome: the outcome %o, %i times in a row, pauses the connection with the action %s',
    (failure, times, action, messageKey) => {
      const breaker = createBatchCircuitBreaker();
      const failures = Array.from({ length: times }, () => failure);
      expect(observeOutcomes(breaker, ...failures)).toEqual([...Array.from({ length: times - 1 }, () => null), action]);
      expect(breaker.getIssue('a')?.messageKey).toBe(messageKey);
    },
  );

  it('recordOutcome: outcomes that concern the session do not pause the connection', () => {
    const breaker = createBatchCircuitBreaker();
    const sessionOutcomes = [
      cancelOutcome('not_sent', 'stopped_before_sending'),
      cancelOutcome('not_found'),
      cancelOutcome('already_final'),
      cancelOutcome('still_active', 'request_invalid'),
    ];
    for (let round = 0; round < 10; round += 1)
      expect(observeOutcomes(breaker, ...sessionOutcomes)).toEqual([null, null, null, null]);
  });

  it('waitUntilClosed: waits until the connection is reset, and the issue is returned once', async () => {
    const breaker = createBatchCircuitBreaker();
    const refused = cancelOutcome('refused', 'forbidden');
    expect(observeOutcomes(breaker, refused, refused, refused, refused)).toEqual([null, 'replace_secret', null, null]);
    let isResolved = false;
    const waiting = breaker.waitUntilClosed('a', neverAborted).then(() => (isResolved = true));
    await breaker.waitUntilClosed('b', neverAborted);
    expect(isResolved).toBe(false);
    breaker.reset('a');
    await waiting;
    expect(observeOutcomes(breaker, refused)).toEqual([null]);
  });

  it('waitUntilClosed: rejects with the reason of the signal', async () => {
    const breaker = createBatchCircuitBreaker();
    breaker.trip('a', { ...fakeMessage('The disk is full.'), action: 'free_disk' });
    const pauseController = new AbortController();
    const waiting = breaker.waitUntilClosed('a', pauseController.signal);
    pauseController.abort(new Error('Paused.'));
    await expect(waiting).rejects.toThrow('Paused.');
    await expect(breaker.waitUntilClosed('a', pauseController.signal)).rejects.toThrow('Paused.');
  });

  it('tryRetry: allows ten retries, and one more after every five cancellations without a failure', () => {
    const breaker = createBatchCircuitBreaker();
    expect(Array.from({ length: 11 }, () => breaker.tryRetry('a'))).toEqual([
      ...Array.from({ length: 10 }, () => true),
      false,
    ]);
    observeOutcomes(breaker, ...Array.from({ length: 4 }, () => cancelOutcome('cancelled')));
    expect(breaker.tryRetry('a')).toBe(false);
    observeOutcomes(breaker, cancelOutcome('cancelled'));
    expect([breaker.tryRetry('a'), breaker.tryRetry('a')]).toEqual([true, false]);
  });
});

it.each([
  ['credential_missing', 'replace_secret'],
  ['connection_locked', 'unlock_connection'],
  ['keychain_locked', 'unlock_keychain'],
  ['disk_full', 'free_disk'],
] as const)('createIssueFromError: the error %s leads to the action %s and keeps its message', (code, action) => {
  expect(createIssueFromError(new AppError(code, fakeMessage('The cause.')), connection)).toEqual({
    ...fakeMessage('The cause.'),
    action,
  });
});

it('createIssueFromError: the text of an unexpected error is not shown', () => {
  expect(createIssueFromError(new Error('Bearer 1234'), connection)).toEqual({
    ...createMessage('batch.connectionUnexpected', { name: 'Xendit ID' }),
    action: 'look_at_outcomes',
  });
  expect(createIssueFromError(new AppError('internal', fakeMessage('Bearer 1234')), null)).toEqual({
    ...createMessage('batch.batchUnexpected'),
    action: 'look_at_outcomes',
  });
});
