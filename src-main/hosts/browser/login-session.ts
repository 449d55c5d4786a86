/** Authentication of the browser host: a one-time code, then a cookie. Only one client is signed in at a time. */
import { randomBytes, timingSafeEqual } from 'node:crypto';

export class LoginSession {
  readonly #cookieName: string;
  #loginCode: string | undefined;
  #sessionToken: string | undefined;

  /** The cookie name contains the port, because browsers send cookies to every port of a host. */
  constructor(port: number) {
    this.#cookieName = `session_desk_${port}`;
  }

  /**
   * Creates a one-time code and invalidates the previous code. The current client stays signed in until the code is
   * used.
   */
  issueCode(): string {
    this.#loginCode = randomBytes(24).toString('base64url');
    return this.#loginCode;
  }

  /**
   * Exchanges the code for a Set-Cookie value and signs out the previous client. Returns undefined for a wrong code.
   */
  redeemCode(code: string): string | undefined {
    if (this.#loginCode === undefined || !equalsConstantTime(code, this.#loginCode)) return undefined;
    this.#loginCode = undefined;
    this.#sessionToken = randomBytes(32).toString('base64url');
    return `${this.#cookieName}=${this.#sessionToken}; Path=/; HttpOnly; SameSite=Strict`;
  }

  /** Whether a Cookie header belongs to the client that is signed in. */
  isAuthenticated(cookieHeader: string | undefined): boolean {
    const session = this.#sessionToken;
    if (session === undefined || cookieHeader === undefined) return false;
    const prefix = `${this.#cookieName}=`;
    return cookieHeader.split(';').some((pair) => {
      const cookie = pair.trim();
      return cookie.startsWith(prefix) && equalsConstantTime(cookie.slice(prefix.length), session);
    });
  }
}

function equalsConstantTime(actual: string, expected: string): boolean {
  const left = Buffer.from(actual);
  const right = Buffer.from(expected);
  return left.length === right.length && timingSafeEqual(left, right);
}
