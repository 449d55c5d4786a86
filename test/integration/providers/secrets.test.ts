/** A provider that returns every secret in every part of its responses: no result contains one. */
import http from 'node:http';
import type net from 'node:net';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { createProviders, formatErrorMessage } from '../../../src-main/core/providers/index.ts';
import {
  flinksAccount,
  flinksId,
  flinksSecret,
  flinksTarget,
  neverAborted,
  xenditAccount,
  xenditId,
  xenditKey,
  xenditTarget,
} from './provider-fixtures.ts';
import { closeServers, findClosedPort, startListening, portOf, startRawServer } from './loopback-servers.ts';
import { nonEmpty } from '../../support/non-empty.ts';

afterEach(closeServers);

const token = 'tok-very-private-4711';
const base64 = (text: string) => Buffer.from(text).toString('base64');
const personalData = ['checkout.xendit.co/s/1', 'sdkKeyThatOpensTheSession99', 'ines@payer.test', '+14165550123'];
const secretsOf = {
  flinks: [
    flinksSecret,
    token,
    encodeURIComponent(flinksSecret),
    base64(`test-client:${flinksSecret}`),
    flinksId,
    ...personalData,
  ],
  xendit: [xenditKey, base64(`${xenditKey}:`), xenditId, ...personalData],
};
type ProviderId = keyof typeof secretsOf;

/** All texts of an object that a log or a call could show. */
const serialize = (value: unknown) => inspect(value, { depth: 20, showHidden: true }) + JSON.stringify(value);

/** The confidential texts of a request: each credential encoded and decoded, and the session id. */
function credentialsInRequest({ headers, url = '' }: http.IncomingMessage, body: string): string[] {
  const [, credential = ''] = /^(?:Basic|Bearer) (.+)$/.exec(headers.authorization ?? '') ?? [];
  const decoded = Buffer.from(credential, 'base64')
    .toString()
    .split(':')
    .filter((part) => /^[ -~]+$/.test(part));
  const form = new URLSearchParams(body).get('Password') ?? '';
  const texts = [
    credential,
    ...decoded,
    form,
    encodeURIComponent(form),
    String(headers['x-api-key'] ?? ''),
    ...url.split('/').filter((part) => part.length > 20),
  ];
  return texts.filter((text) => text !== '' && text !== 'test-client');
}

/** A server that repeats everything it received in every part of its responses. */
async function startEchoServer(httpStatus: number, authorizeStatus = 200): Promise<string> {
  const server = await startListening(
    http.createServer((request, response) => {
      let requestBody = '';
      request.on('data', (chunk: Buffer) => {
        requestBody += chunk.toString();
      });
      request.on('end', () => {
        const credentials = credentialsInRequest(request, requestBody);
        const [first = '', second = first] = credentials;
        const everything = [...credentials, ...personalData, JSON.stringify(request.headers), requestBody].join(' ');
        const isAuthorize = request.url?.endsWith('/authorize') === true;
        response.writeHead(isAuthorize ? authorizeStatus : httpStatus, first, {
          'x-request-id': second,
          'request-id': first,
          'x-echo': everything,
        });
        const session = {
          sessionId: flinksId,
          payment_session_id: xenditId,
          status: everything,
          statusDetails: second,
          referenceId: first,
          reference_id: first,
          currency: first,
          amount: first,
          payment_link_url: 'https://checkout.xendit.co/s/1',
          components_sdk_key: 'sdkKeyThatOpensTheSession99',
        };
        const error = {
          error: second,
          error_description: everything,
          error_code: first,
          message: everything,
          detail: everything,
          title: everything,
        };
        response.end(
          JSON.stringify(
            isAuthorize && authorizeStatus === 200
              ? { access_token: token, expires_in: 299 }
              : { ...session, ...error },
          ),
        );
      });
    }),
  );
  return `http://127.0.0.1:${portOf(server)}`;
}

async function collectResults(name: ProviderId, baseUrl: string): Promise<unknown[]> {
  const { flinks, xendit } = createProviders({ responseTimeoutMs: 100 });
  if (name === 'xendit') {
    const account = xenditAccount(baseUrl);
    return [
      await xendit.cancel(account, xenditTarget(), neverAborted),
      await xendit.read(account, xenditTarget(), neverAborted),
      await xendit.testCredential(account, neverAborted),
    ];
  }
  const results = [];
  for (const options of [{}, { credentialsIn: 'form', reuseToken: true }, { authMode: 'api_key' }] as const) {
    const account = flinksAccount(baseUrl, options);
    results.push(
      await flinks.cancel(account, flinksTarget('e_transfer'), neverAborted),
      await flinks.read(account, flinksTarget(), neverAborted),
    );
    results.push(
      await flinks.readDetails?.(account, flinksTarget(), neverAborted),
      await flinks.testCredential(account, neverAborted),
    );
  }
  return results;
}

function expectNoSecret(name: ProviderId, results: readonly unknown[]): void {
  for (const result of nonEmpty(results)) {
    for (const secret of nonEmpty(secretsOf[name])) expect(serialize(result)).not.toContain(secret);
    expect(serialize(result)).not.toMatch(/Bearer tok|Basic [A-Za-z0-9+/]{8}/);
  }
}

describe.each(['flinks', 'xendit'] as const)('%s', (name) => {
  it.each([200, 302, 400, 401, 403, 404, 422, 429, 500])(
    'secrets: no result contains one if the provider echoes them with HTTP %i',
    async (httpStatus) => {
      expectNoSecret(name, await collectResults(name, await startEchoServer(httpStatus)));
    },
  );

  const failures: Record<string, (socket: net.Socket, request: string) => void> = {
    'resets the connection': (socket) => socket.resetAndDestroy(),
    'does not respond': () => undefined,
    'echoes the request without HTTP': (socket, request) => socket.end(request),
    'echoes the request in an incomplete body': (socket, request) =>
      socket.end(`HTTP/1.1 200 OK\r\ncontent-length: 99999\r\n\r\n${request}`),
  };
  it.each(Object.entries(failures))('secrets: no result contains one if the provider %s', async (_name, respond) => {
    expectNoSecret(name, await collectResults(name, await startRawServer(respond)));
  });

  it('secrets: no result contains one if the provider cannot be reached', async () => {
    expectNoSecret(name, await collectResults(name, `http://127.0.0.1:${await findClosedPort()}`));
  });
});

it.each([400, 401, 403, 429, 500])(
  'secrets: no result contains one if authorize echoes them with HTTP %i',
  async (httpStatus) => {
    expectNoSecret('flinks', await collectResults('flinks', await startEchoServer(200, httpStatus)));
  },
);

it('secrets: the error message for a refused credential contains none', async () => {
  const result = await createProviders().xendit.testCredential(xenditAccount(await startEchoServer(403)), neverAborted);
  if (result.kind !== 'refused') throw new Error('The credential was not refused.');
  expectNoSecret('xendit', [formatErrorMessage(result.cause, 'host', result.evidence)]);
});
