import { describe, expect, it } from 'vitest';
import { getSessionExpiry } from '../../../src-renderer/session-values.ts';
import { fakeConnection } from '../../support/fake-api-client.ts';

const createdAt = '2026-11-21T14:00:00.000Z';
const flinksConnection = (windowMinutes: number | null) => {
  const connection = fakeConnection(1);
  if (connection.options.provider !== 'flinks') throw new Error('The connection does not belong to Flinks Pay.');
  return { options: { ...connection.options, windowMinutes } };
};

describe('getSessionExpiry', () => {
  it('the reported expiry has priority over the session window', () => {
    const expiresAt = '2026-11-21T15:00:00.000Z';
    expect(getSessionExpiry({ status: 'active', createdAt, expiresAt }, flinksConnection(5))).toEqual({
      expiresAt,
      isEstimated: false,
    });
  });

  it('the expiry is estimated from the session window if the provider reported none', () => {
    expect(getSessionExpiry({ status: 'in_progress', createdAt, expiresAt: null }, flinksConnection(30))).toEqual({
      expiresAt: '2026-11-21T14:30:00.000Z',
      isEstimated: true,
    });
  });

  it.each([
    ['the connection has no session window', 'active', createdAt, flinksConnection(null)],
    ['the creation time is not known', 'active', null, flinksConnection(30)],
    ['the status is final', 'cancelled', createdAt, flinksConnection(30)],
    ['the session belongs to Xendit', 'active', createdAt, fakeConnection(2)],
    ['the connection is not known', 'active', createdAt, undefined],
  ] as const)('the expiry is not estimated if %s', (_, status, created, connection) => {
    expect(getSessionExpiry({ status, createdAt: created, expiresAt: null }, connection)).toBeNull();
  });
});
