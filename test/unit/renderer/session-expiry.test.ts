import { describe, expect, it } from 'vitest';
import { sessionEnd } from '../../../src-renderer/composables/session-expiry.ts';
import { fakeConnection } from '../../support/fake-api-client.ts';

const createdAt = '2026-11-21T14:00:00.000Z';
const flinks = (windowMinutes: number | null) => {
  const connection = fakeConnection(1);
  if (connection.options.provider !== 'flinks') throw new Error('It is not of Flinks.');
  return { options: { ...connection.options, windowMinutes } };
};

describe('the end of a session', () => {
  it('is what the provider told, whatever the window', () => {
    const expiresAt = '2026-11-21T15:00:00.000Z';
    expect(sessionEnd({ status: 'active', createdAt, expiresAt }, flinks(5))).toEqual({
      at: expiresAt,
      estimated: false,
    });
  });

  it('is estimated from the window where none was told', () => {
    expect(sessionEnd({ status: 'in_progress', createdAt, expiresAt: null }, flinks(30))).toEqual({
      at: '2026-11-21T14:30:00.000Z',
      estimated: true,
    });
  });

  it.each([
    ['without a window', 'active', createdAt, flinks(null)],
    ['without the time it was made', 'active', null, flinks(30)],
    ['once it has ended', 'cancelled', createdAt, flinks(30)],
    ['at Xendit', 'active', createdAt, fakeConnection(2)],
    ['without its connection', 'active', createdAt, undefined],
  ] as const)('is not guessed %s', (_, status, made, connection) => {
    expect(sessionEnd({ status, createdAt: made, expiresAt: null }, connection)).toBeNull();
  });
});
