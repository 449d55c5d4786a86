/** A minimal HTTP client: one connection per request, no retry, no redirect, no parsing. */
import { request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { practiceAccounts } from '../../../src-main/core/simulator/index.ts';

export interface RawResponse {
  /** null if the connection closed before the headers arrived. */
  readonly status: number | null;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The error code, such as ECONNRESET; null if the response was complete. */
  readonly errorCode: string | null;
}

export interface RawRequestOptions {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Record<string, string>;
  readonly body?: string;
  /** After this time without a response the request ends with the error code `TIMED_OUT`. */
  readonly timeoutMs?: number;
}

export function sendRequest(
  url: string,
  { method = 'GET', headers = {}, body, timeoutMs = 20_000 }: RawRequestOptions = {},
): Promise<RawResponse> {
  return new Promise((resolve) => {
    let received: Omit<RawResponse, 'errorCode'> = { status: null, headers: {}, body: '' };
    const finish = (errorCode: string | null): void => resolve({ ...received, errorCode });
    const fail = (error: NodeJS.ErrnoException): void => finish(error.code ?? error.message);
    const clientRequest = request(url, { method, headers, agent: false }, (response) => {
      received = { ...received, status: response.statusCode ?? null, headers: response.headers };
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        received = { ...received, body: received.body + chunk };
      });
      response.on('end', () => finish(null));
      response.on('error', fail);
    });
    clientRequest.on('error', fail);
    clientRequest.setTimeout(timeoutMs, () => clientRequest.destroy(Object.assign(new Error(), { code: 'TIMED_OUT' })));
    clientRequest.end(body);
  });
}

export const basicAuth = (credentials: string) => `Basic ${Buffer.from(credentials).toString('base64')}`;
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

/** The Authorization header with a new token. */
export async function tokenHeaders(base: string): Promise<{ authorization: string }> {
  const { body } = await sendRequest(`${base}/api/v1/authorize`, authorizeRequest);
  const { access_token: token } = JSON.parse(body) as { access_token: string };
  return { authorization: `Bearer ${token}` };
}
