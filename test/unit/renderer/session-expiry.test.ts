import { describe, expect, it } from 'vitest';
import { getSessionExpiry } from '../../../src-renderer/composables/session-expiry.ts';
import { fakeConnection } from '../../support/fake-api-client.ts';

const createdAt = '2026-11-21T14:00:00.000Z';
const flinksConnection = (windowMinutes: number | null) => {
  const connection = fakeConnection(1);
  if (connection.options.provider !== 'flinks') throw new Error('It is not of Flinks.');
  return { options: { ...connection.options, windowMinutes } };
};

describe('the end of a session', () => {
  it('is what the provider told, whatever the window', () => {
    const expiresAt = '2026-11-21T15:00:00.000Z';
    expect(getSessionExpiry({ status: 'active', createdAt, expiresAt }, flinksConnection(5))).toEqual({
      expiresAt,
      isEstimated: false,
    });
  });

  it('is estimated from the window where none was told', () => {
    expect(getSessionExpiry({ status: 'in_progress', createdAt, expiresAt: null }, flinksConnection(30))).toEqual({
      expiresAt: '2026-11-21T14:30:00.000Z',
      isEstimated: true,
    });
  });

  it.each([
    ['without a window', 'active', createdAt, flinksConnection(null)],
    ['without the time it was made', 'active', null, flinksConnection(30)],
    ['once it has ended', 'cancelled', createdAt, flinksConnection(30)],
    ['at Xendit', 'active', createdAt, fakeConnection(2)],
    ['without its connection', 'active', createdAt, undefined],
  ] as const)('is not guessed %s', (_, status, made, connection) => {
    expect(getSessionExpiry({ status, createdAt: made, expiresAt: null }, connection)).toBeNull();
  });
});
