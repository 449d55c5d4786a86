/** Against a provider that throws every secret back at the console, in every place an answer has: none is let in. */
import http from 'node:http';
import type net from 'node:net';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { createProviders, explain } from '../../../src-main/core/providers/index.ts';
import {
  flinksAccount,
  flinksId,
  flinksSecret,
  flinksTarget,
  never,
  xenditAccount,
  xenditId,
  xenditKey,
  xenditTarget,
} from './provider-fixtures.ts';
import { closeAll, closedPort, listen, portOf, rawServer } from './loopback-servers.ts';

afterEach(closeAll);

const token = 'tok-very-private-4711';
const base64 = (text: string) => Buffer.from(text).toString('base64');
const personal = ['checkout.xendit.co/s/1', 'sdkKeyThatOpensTheSession99', 'ines@payer.test', '+14165550123'];
const secretsOf = {
  flinks: [
    flinksSecret,
    token,
    encodeURIComponent(flinksSecret),
    base64(`desk-client:${flinksSecret}`),
    flinksId,
    ...personal,
  ],
  xendit: [xenditKey, base64(`${xenditKey}:`), xenditId, ...personal],
};
type Name = keyof typeof secretsOf;

/** Everything an object shows of itself, to a log or to a call. */
const shown = (value: unknown) => inspect(value, { depth: 20, showHidden: true }) + JSON.stringify(value);

/** What a request gives away: each credential as it was sent and as it reads, and the session's id. */
function givenAway({ headers, url = '' }: http.IncomingMessage, body: string): string[] {
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
async function echoingServer(httpStatus: number, authorizeStatus = 200): Promise<string> {
  const server = await listen(
    http.createServer((request, response) => {
      let sent = '';
      request.on('data', (chunk: Buffer) => {
        sent += chunk.toString();
      });
      request.on('end', () => {
        const known = givenAway(request, sent);
        const [one = '', two = one] = known;
        const everything = [...known, ...personal, JSON.stringify(request.headers), sent].join(' ');
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

async function everyAnswer(name: Name, baseUrl: string): Promise<unknown[]> {
  const { flinks, xendit } = createProviders({ answerLimitMs: 100 });
  if (name === 'xendit') {
    const account = xenditAccount(baseUrl);
    return [
      await xendit.cancel(account, xenditTarget(), never),
      await xendit.read(account, xenditTarget(), never),
      await xendit.check(account, never),
    ];
  }
  const answers = [];
  for (const options of [{}, { credentialsIn: 'form', reuseToken: true }, { authMode: 'api_key' }] as const) {
    const account = flinksAccount(baseUrl, options);
    answers.push(
      await flinks.cancel(account, flinksTarget('e_transfer'), never),
      await flinks.read(account, flinksTarget(), never),
    );
    answers.push(await flinks.readDetails?.(account, flinksTarget(), never), await flinks.check(account, never));
  }
  return answers;
}

function expectNoSecret(name: Name, answers: readonly unknown[]): void {
  for (const answer of answers) {
    for (const secret of secretsOf[name]) expect(shown(answer)).not.toContain(secret);
    expect(shown(answer)).not.toMatch(/Bearer tok|Basic [A-Za-z0-9+/]{8}/);
  }
}

describe.each(['flinks', 'xendit'] as const)('%s', (name) => {
  it.each([200, 302, 400, 401, 403, 404, 422, 429, 500])('that echoes everything with HTTP %i', async (httpStatus) => {
    expectNoSecret(name, await everyAnswer(name, await echoingServer(httpStatus)));
  });

  const failures: Record<string, (socket: net.Socket, request: string) => void> = {
    'with a reset': (socket) => socket.resetAndDestroy(),
    'with silence': () => undefined,
    'with an echo that is not HTTP': (socket, request) => socket.end(request),
    'with a cut echo': (socket, request) => socket.end(`HTTP/1.1 200 OK\r\ncontent-length: 99999\r\n\r\n${request}`),
  };
  it.each(Object.entries(failures))('that fails %s', async (_name, answer) => {
    expectNoSecret(name, await everyAnswer(name, await rawServer(answer)));
  });

  it('that cannot be reached', async () => {
    expectNoSecret(name, await everyAnswer(name, `http://127.0.0.1:${await closedPort()}`));
  });
});

it.each([400, 401, 403, 429, 500])('an authorize that echoes everything with HTTP %i', async (httpStatus) => {
  expectNoSecret('flinks', await everyAnswer('flinks', await echoingServer(200, httpStatus)));
});

it('the sentence that explains an answer', async () => {
  const answer = await createProviders().xendit.check(xenditAccount(await echoingServer(403)), never);
  if (answer.kind !== 'refused') throw new Error('The check should have been refused.');
  expectNoSecret('xendit', [explain(answer.cause, 'host', answer.evidence)]);
});
