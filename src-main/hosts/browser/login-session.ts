/**
 * Authentication of the browser host: a one-time code, then a cookie and a token, both for each request. Only one
 * client is signed in at a time.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/**
 * The header of the token. Browsers send a cookie to every port of a host, so a cookie alone proves nothing: only a
 * page of this origin has the token.
 */
export const tokenHeader = 'x-session-desk-token';

/** Without a request for this long, the client is signed out. */
const idleTimeoutMs = 30 * 60_000;

export interface Login {
  /** A Set-Cookie value. */
  readonly cookie: string;
  readonly token: string;
}

interface Client {
  readonly cookie: string;
  readonly token: string;
  lastRequestAt: number;
}

export class LoginSession {
  readonly #cookieName: string;
  readonly #now: () => number;
  #loginCode: string | undefined;
  #client: Client | undefined;

  /** `now`: milliseconds of a clock that is never set back. */
  constructor(port: number, now: () => number = () => performance.now()) {
    this.#cookieName = `session_desk_${port}`;
    this.#now = now;
  }

  /**
   * Creates a one-time code and invalidates the previous code. The current client stays signed in until the code is
   * used.
   */
  issueCode(): string {
    this.#loginCode = randomBytes(24).toString('base64url');
    return this.#loginCode;
  }

  /** Exchanges the code for a login and signs out the previous client. Returns undefined for a wrong code. */
  redeemCode(code: string): Login | undefined {
    if (this.#loginCode === undefined || !equalsConstantTime(code, this.#loginCode)) return undefined;
    this.#loginCode = undefined;
    const cookie = randomBytes(32).toString('base64url');
    const token = randomBytes(32).toString('base64url');
    this.#client = { cookie, token, lastRequestAt: this.#now() };
    return { cookie: `${this.#cookieName}=${cookie}; Path=/; HttpOnly; SameSite=Strict`, token };
  }

  /** Whether a client is signed in and has sent a request in the last 30 minutes. */
  isSignedIn(): boolean {
    return this.#currentClient() !== undefined;
  }

  /** Whether a request has the cookie of the client that is signed in. This is enough only for files of the build. */
  hasCookie({ cookie: header }: IncomingHttpHeaders): boolean {
    const client = this.#currentClient();
    if (client === undefined || header === undefined) return false;
    const prefix = `${this.#cookieName}=`;
    return header.split(';').some((pair) => {
      const cookie = pair.trim();
      return cookie.startsWith(prefix) && equalsConstantTime(cookie.slice(prefix.length), client.cookie);
    });
  }

  /** Whether a request has the cookie and the token of the client that is signed in. */
  isAuthenticated(headers: IncomingHttpHeaders): boolean {
    const client = this.#currentClient();
    const token = headers[tokenHeader];
    if (client === undefined || typeof token !== 'string' || !equalsConstantTime(token, client.token)) return false;
    if (!this.hasCookie(headers)) return false;
    client.lastRequestAt = this.#now();
    return true;
  }

  /** Signs out a client that has sent no request for too long. */
  #currentClient(): Client | undefined {
    if (this.#client && this.#now() - this.#client.lastRequestAt > idleTimeoutMs) this.#client = undefined;
    return this.#client;
  }
}

function equalsConstantTime(actual: string, expected: string): boolean {
  const left = Buffer.from(actual);
  const right = Buffer.from(expected);
  return left.length === right.length && timingSafeEqual(left, right);
}
