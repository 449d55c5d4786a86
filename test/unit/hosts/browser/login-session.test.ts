import { describe, expect, it } from 'vitest';
import { LoginSession } from '../../../../src-main/hosts/browser/login-session.ts';

const cookieOf = (header: string | undefined) => header?.split(';')[0];

describe('LoginSession', () => {
  // Verifies B-05.
  it('a code can be redeemed once', () => {
    const loginSession = new LoginSession(4711);
    const code = loginSession.issueCode();
    const cookie = cookieOf(loginSession.redeemCode(code));
    expect(cookie).toMatch(/^session_desk_4711=/);
    expect(loginSession.isAuthenticated(cookie)).toBe(true);
    expect(loginSession.redeemCode(code)).toBeUndefined();
    expect(loginSession.isAuthenticated(cookie)).toBe(true);
  });

  // Verifies B-06.
  it('isAuthenticated: finds the cookie among others and rejects all other values', () => {
    const loginSession = new LoginSession(1);
    const cookie = cookieOf(loginSession.redeemCode(loginSession.issueCode())) ?? '';
    expect(loginSession.isAuthenticated(`a=b; ${cookie}; c=d`)).toBe(true);
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
      expect(loginSession.isAuthenticated(other), other).toBe(false);
    }
  });

  // Verifies B-05.
  it('isAuthenticated: rejects all cookies before a code was redeemed', () => {
    const loginSession = new LoginSession(1);
    expect(loginSession.redeemCode('')).toBeUndefined();
    expect(loginSession.isAuthenticated('session_desk_1=')).toBe(false);
    expect(loginSession.isAuthenticated('session_desk_1=undefined')).toBe(false);
  });

  // Verifies B-08.
  it('only the newest code is valid, and redeeming it signs out the previous client', () => {
    const loginSession = new LoginSession(1);
    const replacedCode = loginSession.issueCode();
    const firstCookie = cookieOf(loginSession.redeemCode(loginSession.issueCode()));
    expect(loginSession.redeemCode(replacedCode)).toBeUndefined();
    const code = loginSession.issueCode();
    expect(loginSession.isAuthenticated(firstCookie)).toBe(true);
    const secondCookie = cookieOf(loginSession.redeemCode(code));
    expect(loginSession.isAuthenticated(firstCookie)).toBe(false);
    expect(loginSession.isAuthenticated(secondCookie)).toBe(true);
  });
});
