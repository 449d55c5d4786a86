import { describe, expect, it } from 'vitest';
import { DeskError, type Connection } from '../../../src-main/contract/index.ts';
import { Brakes, troubleFrom } from '../../../src-main/core/batches/circuit-breaker.ts';

const connection = { id: 'a', name: 'Xendit ID' } as Connection;
type Learnt = Parameters<Brakes['learn']>[1];
const outcome = (state: Learnt['state'], cause: Learnt['cause'] = null): Learnt => ({
  state,
  cause,
  providerMessage: null,
});
const never = new AbortController().signal;

/** The remedies that a row of outcomes led to, with nulls where the connection went on. */
const learnt = (brakes: Brakes, ...outcomes: Learnt[]) =>
  outcomes.map((each) => brakes.learn(connection, each)?.remedy ?? null);

describe('the brakes of a connection', () => {
  it('are pulled by two refusals in a row, which are about the credential and not about the sessions', () => {
    const brakes = new Brakes();
    const refused = outcome('refused', 'unauthorized');
    expect(learnt(brakes, refused, outcome('cancelled'), refused, refused)).toEqual([
      null,
      null,
      null,
      'replace_secret',
    ]);
    expect(brakes.trouble('a')?.message).toContain('Xendit ID');
    expect(brakes.trouble('b')).toBeNull();
  });

  it.each([
    [outcome('refused', 'endpoint_off'), 2, 'ask_provider'],
    [outcome('refused', 'address_not_allowed'), 2, 'ask_provider'],
    [outcome('not_sent', 'connect_failed'), 3, 'check_network'],
    [outcome('unknown', 'timed_out'), 5, 'look_at_outcomes'],
  ] as const)('are pulled by %o, %i in a row, with the one thing that helps: %s', (failure, times, remedy) => {
    const brakes = new Brakes();
    const all = Array.from({ length: times }, () => failure);
    expect(learnt(brakes, ...all)).toEqual([...Array.from({ length: times - 1 }, () => null), remedy]);
  });

  it('are not pulled by what was turned back, nor by what a session is found to be', () => {
    const brakes = new Brakes();
    const harmless = [
      outcome('not_sent', 'stopped_before_sending'),
      outcome('not_found'),
      outcome('already_final'),
      outcome('still_active', 'request_invalid'),
    ];
    for (let round = 0; round < 10; round += 1) expect(learnt(brakes, ...harmless)).toEqual([null, null, null, null]);
  });

  it('name the trouble once, and hold up whoever waits until they are released', async () => {
    const brakes = new Brakes();
    const refused = outcome('refused', 'forbidden');
    expect(learnt(brakes, refused, refused, refused, refused)).toEqual([null, 'replace_secret', null, null]);
    let isThrough = false;
    const waiting = brakes.released('a', never).then(() => (isThrough = true));
    await brakes.released('b', never);
    expect(isThrough).toBe(false);
    brakes.release('a');
    await waiting;
    expect(learnt(brakes, refused)).toEqual([null]);
  });

  it('let go of whoever waits and has to stop', async () => {
    const brakes = new Brakes();
    brakes.pull('a', { message: 'The disk is full.', remedy: 'free_disk' });
    const gate = new AbortController();
    const waiting = brakes.released('a', gate.signal);
    gate.abort(new Error('Paused.'));
    await expect(waiting).rejects.toThrow('Paused.');
    await expect(brakes.released('a', gate.signal)).rejects.toThrow('Paused.');
  });

  it('allow ten repeats at a stretch, and one more for every five that went well', () => {
    const brakes = new Brakes();
    expect(Array.from({ length: 11 }, () => brakes.takeRepeat('a'))).toEqual([
      ...Array.from({ length: 10 }, () => true),
      false,
    ]);
    learnt(brakes, ...Array.from({ length: 4 }, () => outcome('cancelled')));
    expect(brakes.takeRepeat('a')).toBe(false);
    learnt(brakes, outcome('cancelled'));
    expect([brakes.takeRepeat('a'), brakes.takeRepeat('a')]).toEqual([true, false]);
  });
});

it.each([
  ['credential_missing', 'replace_secret'],
  ['connection_locked', 'unlock_connection'],
  ['keychain_locked', 'unlock_keychain'],
  ['disk_full', 'free_disk'],
] as const)('what keeps a connection from being used, %s, has its remedy: %s', (code, remedy) => {
  expect(troubleFrom(new DeskError(code, 'Why it is so.'), connection)).toEqual({ message: 'Why it is so.', remedy });
});

it('what nobody foresaw tells nothing of its error', () => {
  expect(troubleFrom(new Error('Bearer 1234'), connection)).toMatchObject({
    remedy: 'look_at_outcomes',
    message: expect.not.stringContaining('1234') as string,
  });
});
