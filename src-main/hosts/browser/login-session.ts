/** Who may come in: a code that works once, then a cookie; one client at a time. */
import { randomBytes, timingSafeEqual } from 'node:crypto';

export class Door {
  readonly #cookieName: string;
  #code: string | undefined;
  #session: string | undefined;

  /** The port is part of the cookie's name, because cookies do not tell ports of one host apart. */
  constructor(port: number) {
    this.#cookieName = `session_desk_${port}`;
  }

  /** A new one-time code; the one before no longer works. Whoever is in stays in until the new one is used. */
  newCode(): string {
    this.#code = randomBytes(24).toString('base64url');
    return this.#code;
  }

  /** Trades the code for the value of a Set-Cookie header and shuts out whoever was in before; undefined for any other code. */
  enter(code: string): string | undefined {
    if (this.#code === undefined || !same(code, this.#code)) return undefined;
    this.#code = undefined;
    this.#session = randomBytes(32).toString('base64url');
    return `${this.#cookieName}=${this.#session}; Path=/; HttpOnly; SameSite=Strict`;
  }

  /** Whether a request with this Cookie header comes from the one client that is in. */
  admits(cookieHeader: string | undefined): boolean {
    const session = this.#session;
    if (session === undefined || cookieHeader === undefined) return false;
    const prefix = `${this.#cookieName}=`;
    return cookieHeader.split(';').some((pair) => {
      const cookie = pair.trim();
      return cookie.startsWith(prefix) && same(cookie.slice(prefix.length), session);
    });
  }
}

function same(given: string, wanted: string): boolean {
  const left = Buffer.from(given);
  const right = Buffer.from(wanted);
  return left.length === right.length && timingSafeEqual(left, right);
}
