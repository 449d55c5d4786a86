/** A client without manners of its own: one connection per request, no retry, no redirect, nothing parsed unasked. */
import { request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { practiceAccounts } from '../../../src-main/core/simulator/index.ts';

export interface Seen {
  /** null where the connection ended before the headers came. */
  readonly status: number | null;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The code of what went wrong, e.g. ECONNRESET; null where the answer came whole. */
  readonly failure: string | null;
  readonly ms: number;
}

export interface Ask {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Record<string, string>;
  readonly body?: string;
  /** Gives up after this time without an answer, with the failure `GAVE_UP`. */
  readonly giveUpMs?: number;
}

export function ask(url: string, { method = 'GET', headers = {}, body, giveUpMs = 5_000 }: Ask = {}): Promise<Seen> {
  return new Promise((resolve) => {
    const begun = performance.now();
    let seen: Omit<Seen, 'failure' | 'ms'> = { status: null, headers: {}, text: '' };
    const finish = (failure: string | null): void => resolve({ ...seen, failure, ms: performance.now() - begun });
    const fail = (error: NodeJS.ErrnoException): void => finish(error.code ?? error.message);
    const call = request(url, { method, headers, agent: false }, (response) => {
      seen = { ...seen, status: response.statusCode ?? null, headers: response.headers };
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        seen = { ...seen, text: seen.text + chunk };
      });
      response.on('end', () => finish(null));
      response.on('error', fail);
    });
    call.on('error', fail);
    call.setTimeout(giveUpMs, () => call.destroy(Object.assign(new Error(), { code: 'GAVE_UP' })));
    call.end(body);
  });
}

export const basic = (words: string) => `Basic ${Buffer.from(words).toString('base64')}`;
export const xenditHeaders = { authorization: basic(`${practiceAccounts.xendit.secretKey}:`) };
const { clientId, clientSecret, apiKey } = practiceAccounts.flinks;
export const keyHeaders = { 'x-api-key': apiKey, 'x-client-id': clientId };

export const authorizeAsk: Ask = {
  method: 'POST',
  headers: { authorization: basic(`${clientId}:${clientSecret}`), 'content-type': 'application/x-www-form-urlencoded' },
  body: 'grant_type=client_credentials',
};

/** The header of a fresh token. */
export async function tokenHeaders(base: string): Promise<{ authorization: string }> {
  const { text } = await ask(`${base}/api/v1/authorize`, authorizeAsk);
  const { access_token: token } = JSON.parse(text) as { access_token: string };
  return { authorization: `Bearer ${token}` };
}
