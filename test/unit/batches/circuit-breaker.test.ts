import { describe, expect, it } from 'vitest';
import { AppError, type Connection } from '../../../src-main/contract/index.ts';
import { CircuitBreaker, createIssueFromError } from '../../../src-main/core/batches/circuit-breaker.ts';
import { fakeMessage } from '../../support/fake-messages.ts';

const connection = { id: 'a', name: 'Xendit ID' } as Connection;
type CancelOutcome = Parameters<CircuitBreaker['recordOutcome']>[1];
const cancelOutcome = (state: CancelOutcome['state'], cause: CancelOutcome['cause'] = null): CancelOutcome => ({
  state,
  cause,
  providerMessage: null,
});
const neverAborted = new AbortController().signal;

/** The actions that a row of outcomes led to, with nulls where the connection went on. */
const observeOutcomes = (brakes: CircuitBreaker, ...outcomes: CancelOutcome[]) =>
  outcomes.map((each) => brakes.recordOutcome(connection, each)?.action ?? null);

describe('the brakes of a connection', () => {
  it('are pulled by two refusals in a row, which are about the credential and not about the sessions', () => {
    const brakes = new CircuitBreaker();
    const refused = cancelOutcome('refused', 'unauthorized');
    expect(observeOutcomes(brakes, refused, cancelOutcome('cancelled'), refused, refused)).toEqual([
      null,
      null,
      null,
      'replace_secret',
    ]);
    expect(brakes.getIssue('a')?.message).toContain('Xendit ID');
    expect(brakes.getIssue('b')).toBeNull();
  });

  it.each([
    [cancelOutcome('refused', 'endpoint_off'), 2, 'ask_provider'],
    [cancelOutcome('refused', 'address_not_allowed'), 2, 'ask_provider'],
    [cancelOutcome('not_sent', 'connect_failed'), 3, 'check_network'],
    [cancelOutcome('unknown', 'timed_out'), 5, 'look_at_outcomes'],
  ] as const)('are pulled by %o, %i in a row, with the one thing that helps: %s', (failure, times, action) => {
    const brakes = new CircuitBreaker();
    const all = Array.from({ length: times }, () => failure);
    expect(observeOutcomes(brakes, ...all)).toEqual([...Array.from({ length: times - 1 }, () => null), action]);
  });

  it('are not pulled by what was turned back, nor by what a session is found to be', () => {
    const brakes = new CircuitBreaker();
    const harmless = [
      cancelOutcome('not_sent', 'stopped_before_sending'),
      cancelOutcome('not_found'),
      cancelOutcome('already_final'),
      cancelOutcome('still_active', 'request_invalid'),
    ];
    for (let round = 0; round < 10; round += 1)
      expect(observeOutcomes(brakes, ...harmless)).toEqual([null, null, null, null]);
  });

  it('name the trouble once, and hold up whoever waits until they are released', async () => {
    const brakes = new CircuitBreaker();
    const refused = cancelOutcome('refused', 'forbidden');
    expect(observeOutcomes(brakes, refused, refused, refused, refused)).toEqual([null, 'replace_secret', null, null]);
    let isThrough = false;
    const waiting = brakes.waitUntilClosed('a', neverAborted).then(() => (isThrough = true));
    await brakes.waitUntilClosed('b', neverAborted);
    expect(isThrough).toBe(false);
    brakes.reset('a');
    await waiting;
    expect(observeOutcomes(brakes, refused)).toEqual([null]);
  });

  it('let go of whoever waits and has to stop', async () => {
    const brakes = new CircuitBreaker();
    brakes.trip('a', { ...fakeMessage('The disk is full.'), action: 'free_disk' });
    const gate = new AbortController();
    const waiting = brakes.waitUntilClosed('a', gate.signal);
    gate.abort(new Error('Paused.'));
    await expect(waiting).rejects.toThrow('Paused.');
    await expect(brakes.waitUntilClosed('a', gate.signal)).rejects.toThrow('Paused.');
  });

  it('allow ten repeats at a stretch, and one more for every five that went well', () => {
    const brakes = new CircuitBreaker();
    expect(Array.from({ length: 11 }, () => brakes.tryRetry('a'))).toEqual([
      ...Array.from({ length: 10 }, () => true),
      false,
    ]);
    observeOutcomes(brakes, ...Array.from({ length: 4 }, () => cancelOutcome('cancelled')));
    expect(brakes.tryRetry('a')).toBe(false);
    observeOutcomes(brakes, cancelOutcome('cancelled'));
    expect([brakes.tryRetry('a'), brakes.tryRetry('a')]).toEqual([true, false]);
  });
});

it.each([
  ['credential_missing', 'replace_secret'],
  ['connection_locked', 'unlock_connection'],
  ['keychain_locked', 'unlock_keychain'],
  ['disk_full', 'free_disk'],
] as const)('what keeps a connection from being used, %s, has its remedy: %s', (code, action) => {
  expect(createIssueFromError(new AppError(code, 'Why it is so.'), connection)).toEqual({
    ...fakeMessage('Why it is so.'),
    action,
  });
});

it('what nobody foresaw tells nothing of its error', () => {
  expect(createIssueFromError(new Error('Bearer 1234'), connection)).toMatchObject({
    action: 'look_at_outcomes',
    message: expect.not.stringContaining('1234') as string,
  });
});
