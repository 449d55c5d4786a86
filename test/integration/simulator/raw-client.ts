/** A client without manners of its own: one connection per request, no retry, no redirect, nothing parsed unasked. */
import { request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { practiceAccounts } from '../../../src-main/core/simulator/index.ts';

export interface RawResponse {
  /** null where the connection ended before the headers came. */
  readonly status: number | null;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The code of what went wrong, e.g. ECONNRESET; null where the answer came whole. */
  readonly errorCode: string | null;
  readonly durationMs: number;
}

export interface RawRequestOptions {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Record<string, string>;
  readonly body?: string;
  /** Gives up after this time without an answer, with the failure `GAVE_UP`. */
  readonly timeoutMs?: number;
}

export function sendRequest(
  url: string,
  { method = 'GET', headers = {}, body, timeoutMs = 5_000 }: RawRequestOptions = {},
): Promise<RawResponse> {
  return new Promise((resolve) => {
    const begun = performance.now();
    let seen: Omit<RawResponse, 'errorCode' | 'durationMs'> = { status: null, headers: {}, body: '' };
    const finish = (errorCode: string | null): void =>
      resolve({ ...seen, errorCode, durationMs: performance.now() - begun });
    const fail = (error: NodeJS.ErrnoException): void => finish(error.code ?? error.message);
    const call = request(url, { method, headers, agent: false }, (response) => {
      seen = { ...seen, status: response.statusCode ?? null, headers: response.headers };
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        seen = { ...seen, body: seen.body + chunk };
      });
      response.on('end', () => finish(null));
      response.on('error', fail);
    });
    call.on('error', fail);
    call.setTimeout(timeoutMs, () => call.destroy(Object.assign(new Error(), { code: 'GAVE_UP' })));
    call.end(body);
  });
}

export const basicAuth = (words: string) => `Basic ${Buffer.from(words).toString('base64')}`;
export const xenditHeaders = { authorization: basicAuth(`${practiceAccounts.xendit.secretKey}:`) };
const { clientId, clientSecret, apiKey } = practiceAccounts.flinks;
export const apiKeyHeaders = { 'x-api-key': apiKey, 'x-client-id': clientId };

export const authorizeRequest: RawRequestOptions = {
  method: 'POST',
  headers: {
    authorization: basicAuth(`${clientId}:${clientSecret}`),
    'content-type': 'application/x-www-form-urlencoded',
  },
  body: 'grant_type=client_credentials',
};

/** The header of a fresh token. */
export async function tokenHeaders(base: string): Promise<{ authorization: string }> {
  const { body } = await sendRequest(`${base}/api/v1/authorize`, authorizeRequest);
  const { access_token: token } = JSON.parse(body) as { access_token: string };
  return { authorization: `Bearer ${token}` };
}
