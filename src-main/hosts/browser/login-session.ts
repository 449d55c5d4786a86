/** Who may come in: a code that works once, then a cookie; one client at a time. */
import { randomBytes, timingSafeEqual } from 'node:crypto';

export class LoginSession {
  readonly #cookieName: string;
  #loginCode: string | undefined;
  #sessionToken: string | undefined;

  /** The port is part of the cookie's name, because cookies do not tell ports of one host apart. */
  constructor(port: number) {
    this.#cookieName = `session_desk_${port}`;
  }

  /** A new one-time code; the one before no longer works. Whoever is in stays in until the new one is used. */
  issueCode(): string {
    this.#loginCode = randomBytes(24).toString('base64url');
    return this.#loginCode;
  }

  /** Trades the code for the value of a Set-Cookie header and shuts out whoever was in before; undefined for any other code. */
  redeemCode(code: string): string | undefined {
    if (this.#loginCode === undefined || !equalsConstantTime(code, this.#loginCode)) return undefined;
    this.#loginCode = undefined;
    this.#sessionToken = randomBytes(32).toString('base64url');
    return `${this.#cookieName}=${this.#sessionToken}; Path=/; HttpOnly; SameSite=Strict`;
  }

  /** Whether a request with this Cookie header comes from the one client that is in. */
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

function equalsConstantTime(given: string, wanted: string): boolean {
  const left = Buffer.from(given);
  const right = Buffer.from(wanted);
  return left.length === right.length && timingSafeEqual(left, right);
}
