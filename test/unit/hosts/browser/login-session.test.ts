import { describe, expect, it } from 'vitest';
import { LoginSession } from '../../../../src-main/hosts/browser/login-session.ts';

const cookieOf = (header: string | undefined) => header?.split(';')[0];

describe('the door', () => {
  // Verifies B-05.
  it('lets in who has the code, once', () => {
    const door = new LoginSession(4711);
    const code = door.issueCode();
    const cookie = cookieOf(door.redeemCode(code));
    expect(cookie).toMatch(/^session_desk_4711=/);
    expect(door.isAuthenticated(cookie)).toBe(true);
    expect(door.redeemCode(code)).toBeUndefined();
    expect(door.isAuthenticated(cookie)).toBe(true);
  });

  // Verifies B-06.
  it('finds its cookie among others, and takes no other', () => {
    const door = new LoginSession(1);
    const cookie = cookieOf(door.redeemCode(door.issueCode())) ?? '';
    expect(door.isAuthenticated(`a=b; ${cookie}; c=d`)).toBe(true);
    for (const other of [
      undefined,
      '',
      'session_desk_1=',
      'session_desk_1=guess',
      cookie.slice(0, -1),
      `${cookie}x`,
      cookie.replace('desk_1', 'desk_2'),
      `x${cookie}`,
    ]) {
      expect(door.isAuthenticated(other), other).toBe(false);
    }
  });

  // Verifies B-05.
  it('lets nobody in before a code was traded', () => {
    const door = new LoginSession(1);
    expect(door.redeemCode('')).toBeUndefined();
    expect(door.isAuthenticated('session_desk_1=')).toBe(false);
    expect(door.isAuthenticated('session_desk_1=undefined')).toBe(false);
  });

  // Verifies B-08.
  it('takes the newest code alone, and shuts out the one before when it is used', () => {
    const door = new LoginSession(1);
    const stale = door.issueCode();
    const first = cookieOf(door.redeemCode(door.issueCode()));
    expect(door.redeemCode(stale)).toBeUndefined();
    const code = door.issueCode();
    expect(door.isAuthenticated(first)).toBe(true);
    const second = cookieOf(door.redeemCode(code));
    expect(door.isAuthenticated(first)).toBe(false);
    expect(door.isAuthenticated(second)).toBe(true);
  });
});
