import { describe, expect, it } from 'vitest';
import { LoginSession, tokenHeader } from '../../../../src-main/hosts/browser/login-session.ts';

/** Redeems a new code. Returns the headers of the client that is then signed in. */
function signIn(loginSession: LoginSession): { cookie: string; [tokenHeader]: string } {
  const login = loginSession.redeemCode(loginSession.issueCode());
  if (login === undefined) throw new Error('The code was not accepted.');
  return { cookie: login.cookie.split(';')[0] ?? '', [tokenHeader]: login.token };
}

describe('LoginSession', () => {
  // Verifies B-05.
  it('a code can be redeemed once', () => {
    const loginSession = new LoginSession(4711);
    const code = loginSession.issueCode();
    expect(loginSession.redeemCode(code)?.cookie).toMatch(/^session_desk_4711=/);
    expect(loginSession.redeemCode(code)).toBeUndefined();
  });

  // Verifies B-06.
  it('hasCookie: finds the cookie among others and rejects all other values', () => {
    const loginSession = new LoginSession(1);
    const { cookie } = signIn(loginSession);
    expect(loginSession.hasCookie({ cookie: `a=b; ${cookie}; c=d` })).toBe(true);
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
      expect(loginSession.hasCookie(other === undefined ? {} : { cookie: other }), other).toBe(false);
    }
  });

  // Verifies B-12.
  it('isAuthenticated: requires the cookie and the token', () => {
    const loginSession = new LoginSession(1);
    const headers = signIn(loginSession);
    expect(loginSession.isAuthenticated(headers)).toBe(true);
    expect(loginSession.isAuthenticated({ cookie: headers.cookie })).toBe(false);
    expect(loginSession.isAuthenticated({ [tokenHeader]: headers[tokenHeader] })).toBe(false);
    for (const token of ['', 'guess', `${headers[tokenHeader]}x`, headers.cookie.split('=')[1] ?? ''])
      expect(loginSession.isAuthenticated({ cookie: headers.cookie, [tokenHeader]: token }), token).toBe(false);
  });

  // Verifies B-05.
  it('isAuthenticated: rejects all values before a code was redeemed', () => {
    const loginSession = new LoginSession(1);
    expect(loginSession.redeemCode('')).toBeUndefined();
    for (const value of ['', 'undefined'])
      expect(loginSession.isAuthenticated({ cookie: `session_desk_1=${value}`, [tokenHeader]: value })).toBe(false);
  });

  // Verifies B-05.
  it('isAuthenticated: the token without the cookie is not enough', () => {
    const loginSession = new LoginSession(1);
    const { cookie, ...tokenOnly } = signIn(loginSession);
    expect(Object.keys(tokenOnly)).toEqual([tokenHeader]);
    for (const other of ['', 'session_desk_1=guess', cookie.replace('desk_1', 'desk_2')])
      expect(loginSession.isAuthenticated({ ...tokenOnly, cookie: other }), other).toBe(false);
    expect(loginSession.isAuthenticated(tokenOnly)).toBe(false);
    expect(loginSession.isAuthenticated({ ...tokenOnly, cookie })).toBe(true);
  });

  // Verifies B-08.
  it('only the newest code is valid, and redeeming it signs out the previous client', () => {
    const loginSession = new LoginSession(1);
    const replacedCode = loginSession.issueCode();
    const first = signIn(loginSession);
    expect(loginSession.redeemCode(replacedCode)).toBeUndefined();
    loginSession.issueCode();
    expect(loginSession.isAuthenticated(first)).toBe(true);
    const second = signIn(loginSession);
    expect(loginSession.isAuthenticated(first)).toBe(false);
    expect(loginSession.isAuthenticated({ ...second, cookie: first.cookie })).toBe(false);
    expect(loginSession.isAuthenticated(second)).toBe(true);
  });

  // Verifies B-13.
  it('a client without a request for 30 minutes is signed out, and each request starts the time again', () => {
    let now = 0;
    const loginSession = new LoginSession(1, () => now);
    const headers = signIn(loginSession);
    for (let count = 0; count < 3; count += 1) {
      now += 30 * 60_000;
      expect(loginSession.isAuthenticated(headers)).toBe(true);
    }
    now += 30 * 60_000 + 1;
    expect(loginSession.hasCookie(headers)).toBe(false);
    expect(loginSession.isAuthenticated(headers)).toBe(false);
  });
});
