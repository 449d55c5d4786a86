/** Against a provider that throws every secret back at the console, in every place an answer has: none is let in. */
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

afterEach(closeServers);

const token = 'tok-very-private-4711';
const base64 = (text: string) => Buffer.from(text).toString('base64');
const personalData = ['checkout.xendit.co/s/1', 'sdkKeyThatOpensTheSession99', 'ines@payer.test', '+14165550123'];
const secretsOf = {
  flinks: [
    flinksSecret,
    token,
    encodeURIComponent(flinksSecret),
    base64(`desk-client:${flinksSecret}`),
    flinksId,
    ...personalData,
  ],
  xendit: [xenditKey, base64(`${xenditKey}:`), xenditId, ...personalData],
};
type ProviderId = keyof typeof secretsOf;

/** Everything an object shows of itself, to a log or to a call. */
const printable = (value: unknown) => inspect(value, { depth: 20, showHidden: true }) + JSON.stringify(value);

/** What a request gives away: each credential as it was sent and as it reads, and the session's id. */
function credentialsInRequest({ headers, url = '' }: http.IncomingMessage, body: string): string[] {
  const [, credential = ''] = /^(?:Basic|Bearer) (.+)$/.exec(headers.authorization ?? '') ?? [];
  const decoded = Buffer.from(credential, 'base64')
    .toString()
    .split(':')
    .filter((part) => /^[ -~]+$/.test(part));
  const form = new URLSearchParams(body).get('Password') ?? '';
  const all = [
    credential,
    ...decoded,
    form,
    encodeURIComponent(form),
    String(headers['x-api-key'] ?? ''),
    ...url.split('/').filter((part) => part.length > 20),
  ];
  return all.filter((each) => each !== '' && each !== 'desk-client');
}

/** Answers with all that it was sent, in every place an answer has. */
async function startEchoServer(httpStatus: number, authorizeStatus = 200): Promise<string> {
  const server = await startListening(
    http.createServer((request, response) => {
      let sent = '';
      request.on('data', (chunk: Buffer) => {
        sent += chunk.toString();
      });
      request.on('end', () => {
        const known = credentialsInRequest(request, sent);
        const [one = '', two = one] = known;
        const everything = [...known, ...personalData, JSON.stringify(request.headers), sent].join(' ');
        const isAuthorize = request.url?.endsWith('/authorize') === true;
        response.writeHead(isAuthorize ? authorizeStatus : httpStatus, one, {
          'x-request-id': two,
          'request-id': one,
          'x-echo': everything,
        });
        const session = {
          sessionId: flinksId,
          payment_session_id: xenditId,
          status: everything,
          statusDetails: two,
          referenceId: one,
          reference_id: one,
          currency: one,
          amount: one,
          payment_link_url: 'https://checkout.xendit.co/s/1',
          components_sdk_key: 'sdkKeyThatOpensTheSession99',
        };
        const error = {
          error: two,
          error_description: everything,
          error_code: one,
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

async function collectAnswers(name: ProviderId, baseUrl: string): Promise<unknown[]> {
  const { flinks, xendit } = createProviders({ responseTimeoutMs: 100 });
  if (name === 'xendit') {
    const account = xenditAccount(baseUrl);
    return [
      await xendit.cancel(account, xenditTarget(), neverAborted),
      await xendit.read(account, xenditTarget(), neverAborted),
      await xendit.testCredential(account, neverAborted),
    ];
  }
  const answers = [];
  for (const options of [{}, { credentialsIn: 'form', reuseToken: true }, { authMode: 'api_key' }] as const) {
    const account = flinksAccount(baseUrl, options);
    answers.push(
      await flinks.cancel(account, flinksTarget('e_transfer'), neverAborted),
      await flinks.read(account, flinksTarget(), neverAborted),
    );
    answers.push(
      await flinks.readDetails?.(account, flinksTarget(), neverAborted),
      await flinks.testCredential(account, neverAborted),
    );
  }
  return answers;
}

function expectNoSecret(name: ProviderId, answers: readonly unknown[]): void {
  for (const answer of answers) {
    for (const secret of secretsOf[name]) expect(printable(answer)).not.toContain(secret);
    expect(printable(answer)).not.toMatch(/Bearer tok|Basic [A-Za-z0-9+/]{8}/);
  }
}

describe.each(['flinks', 'xendit'] as const)('%s', (name) => {
  it.each([200, 302, 400, 401, 403, 404, 422, 429, 500])('that echoes everything with HTTP %i', async (httpStatus) => {
    expectNoSecret(name, await collectAnswers(name, await startEchoServer(httpStatus)));
  });

  const failures: Record<string, (socket: net.Socket, request: string) => void> = {
    'with a reset': (socket) => socket.resetAndDestroy(),
    'with silence': () => undefined,
    'with an echo that is not HTTP': (socket, request) => socket.end(request),
    'with a cut echo': (socket, request) => socket.end(`HTTP/1.1 200 OK\r\ncontent-length: 99999\r\n\r\n${request}`),
  };
  it.each(Object.entries(failures))('that fails %s', async (_name, answer) => {
    expectNoSecret(name, await collectAnswers(name, await startRawServer(answer)));
  });

  it('that cannot be reached', async () => {
    expectNoSecret(name, await collectAnswers(name, `http://127.0.0.1:${await findClosedPort()}`));
  });
});

it.each([400, 401, 403, 429, 500])('an authorize that echoes everything with HTTP %i', async (httpStatus) => {
  expectNoSecret('flinks', await collectAnswers('flinks', await startEchoServer(200, httpStatus)));
});

it('the sentence that explains an answer', async () => {
  const answer = await createProviders().xendit.testCredential(xenditAccount(await startEchoServer(403)), neverAborted);
  if (answer.kind !== 'refused') throw new Error('The check should have been refused.');
  expectNoSecret('xendit', [formatErrorMessage(answer.cause, 'host', answer.evidence)]);
});
