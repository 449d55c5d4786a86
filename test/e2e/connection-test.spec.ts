/** Whatever a provider can answer to the test of a connection, from a real server: the exact words, and the one act that helps. */
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from '@playwright/test';
import { expectNoFinding } from './accessibility-checks.ts';
import { expect, test } from './fixtures.ts';
import { goTo } from './steps.ts';
import { connectTo, expectVerdict, testAgain, verdictOf, type Said } from './connection-test.ts';

type Answer = (response: http.ServerResponse) => unknown;

interface Stage {
  readonly host: string;
  readonly url: string;
  answer: Answer;
  close(): Promise<void>;
}

/** A server on loopback that answers everything as it is told to. */
async function stage(first: Answer): Promise<Stage> {
  const server = http.createServer((_request, response) => void it.answer(response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const it: Stage = {
    host,
    url: `http://${host}`,
    answer: first,
    close: async () => {
      server.close();
      server.closeAllConnections();
      if (server.listening) await once(server, 'close');
    },
  };
  return it;
}

const json =
  (status: number, body: object, headers: http.OutgoingHttpHeaders = {}): Answer =>
  (response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
const html =
  (status: number, headers: http.OutgoingHttpHeaders = {}): Answer =>
  (response) =>
    response.writeHead(status, { 'content-type': 'text/html', ...headers }).end('<html><title>Sign in</title></html>');
const xenditSays = (status: number, error_code: string, message: string): Answer =>
  json(status, { error_code, message });
const hangs: Answer = () => undefined;
const breaks: Answer = (response) => response.destroy();
const cuts: Answer = (response) =>
  response.writeHead(404, { 'content-length': '100' }).write('{"error_code":', () => response.destroy());

const accepts = xenditSays(404, 'DATA_NOT_FOUND', 'Session not found');
const works: Said = { lines: [/^The credential works\. Answered in \d+ ms\.$/], acts: [] };
const again = ['Test again'];

/** What Xendit, or something else in its place, answers; and what is said of it. */
const answers = (host: string): readonly (readonly [Answer, Said])[] => [
  [accepts, works],
  [
    xenditSays(403, 'REQUEST_FORBIDDEN_ERROR', 'The API key is forbidden to perform this request'),
    {
      lines: [
        'A permission is missing',
        `${host} accepts the credential but does not allow this call.`,
        'In the Xendit dashboard, Settings, API keys: Money-in set to Write.',
        'The provider’s words: REQUEST_FORBIDDEN_ERROR, The API key is forbidden to perform this request',
        'HTTP 403',
      ],
      acts: again,
    },
  ],
  [
    xenditSays(403, 'UNAUTHORIZED_SENDER_IP', 'Request from IP address 203.0.113.7 is not allowed'),
    {
      lines: [
        'This machine’s address is not allowed',
        `${host} takes no requests from 203.0.113.7. Add it to the IP allowlist in the provider’s dashboard; where it changes from day to day, ` +
          'send the console’s traffic through a fixed one (VPN or proxy).',
        'The provider’s words: UNAUTHORIZED_SENDER_IP, Request from IP address 203.0.113.7 is not allowed',
        'HTTP 403',
        '203.0.113.7',
      ],
      acts: ['Test again', 'Copy the address'],
    },
  ],
  [
    json(429, {}, { 'retry-after': '41' }),
    {
      lines: [
        'Too many requests for now',
        `${host} asks to wait 41 s before the next request. The credential was not judged.`,
        'The provider’s words: Too Many Requests',
        'HTTP 429',
      ],
      acts: again,
    },
  ],
  [
    json(429, {}),
    {
      lines: [
        'Too many requests for now',
        `${host} asks to slow down, and does not say for how long. The credential was not judged. Wait a moment, then test again.`,
        'The provider’s words: Too Many Requests',
        'HTTP 429',
      ],
      acts: again,
    },
  ],
  [
    html(503),
    {
      lines: [
        'Xendit has trouble of its own',
        `${host} could not work on the request. The credential was not judged. Wait a while, then test again.`,
        'The provider’s words: Service Unavailable',
        'HTTP 503',
      ],
      acts: again,
    },
  ],
  ...[html(200), html(404)].map(
    (answer, index) =>
      [
        answer,
        {
          lines: [
            'That is not how Xendit answers',
            `Something else may answer at ${host}: a sign-in page of the network, or another service. Check the network and the address of the connection.`,
            ...(index === 0 ? ['HTTP 200'] : ['The provider’s words: Not Found', 'HTTP 404']),
          ],
          acts: again,
        },
      ] as const,
  ),
  [
    html(302, { location: 'https://elsewhere.invalid/' }),
    {
      lines: [
        'The address leads elsewhere',
        `${host} sends requests on to another address. The console never follows: it would hand over the credential. Connect the right address, and remove this.`,
        'The provider’s words: Found',
        'HTTP 302',
      ],
      acts: ['Connect a provider'],
    },
  ],
  [
    xenditSays(400, 'API_VALIDATION_ERROR', 'for-user-id is not a business of yours'),
    {
      lines: [
        'The request does not suit Xendit',
        'Check the client id or the sub-account for slips, then change the connection.',
        'The provider’s words: API_VALIDATION_ERROR, for-user-id is not a business of yours',
        'HTTP 400',
      ],
      acts: ['Change…'],
    },
  ],
  ...[breaks, cuts].map(
    (answer, index) =>
      [
        answer,
        {
          lines: [
            'The connection broke',
            `The answer of ${host} did not come whole, so it does not count. A test changes nothing there. Test again.`,
            index === 0 ? 'ECONNRESET' : /^(ECONNRESET|ERR_BAD_RESPONSE)$/,
          ],
          acts: again,
        },
      ] as const,
  ),
  [
    xenditSays(401, 'INVALID_API_KEY', 'API key is not authorized'),
    {
      lines: [
        'The credential was refused',
        `${host} did not accept the credential: it is wrong, of the other environment, withdrawn, or without the permission for this call. ` +
          'Check it at Xendit, then replace it here.',
        'The provider’s words: INVALID_API_KEY, API key is not authorized',
        'HTTP 401',
      ],
      acts: ['Replace secret…'],
    },
  ],
];

/** The act opens what it names, and Escape leads back. */
async function expectLeadsTo(page: Page, name: string, act: string, title: string): Promise<void> {
  await verdictOf(page, name).getByRole('button', { name: act }).click();
  await expect(page.getByRole('dialog').getByRole('heading', { name: title })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
}

const leadsTo: Readonly<Record<string, string>> = {
  'Connect a provider': 'Connect a provider',
  'Change…': 'Change Xendit ID',
  'Replace secret…': 'Secret of Xendit ID',
};

test('each answer of a provider is said in words, with the one act that helps', async ({ desk }) => {
  test.setTimeout(120_000);
  const { page } = desk;
  const silent = await stage(hangs);
  const xendit = await stage(accepts);
  // Half a minute is long to wait for: it passes while the other is asked.
  await connectTo(page, 'flinks', 'Flinks CA', silent.url);
  await connectTo(page, 'xendit', 'Xendit ID', xendit.url);
  const seen = new Set<string>();
  for (const [answer, said] of answers(xendit.host)) {
    xendit.answer = answer;
    await testAgain(page, 'Xendit ID');
    await expectVerdict(page, 'Xendit ID', said);
    if (said.acts.every((act) => seen.has(act))) continue;
    await expectNoFinding(page, String(said.lines[0]));
    for (const act of said.acts) {
      const title = leadsTo[act];
      if (title !== undefined) await expectLeadsTo(page, 'Xendit ID', act, title);
      seen.add(act);
    }
  }

  await verdictOf(page, 'Xendit ID').getByRole('button', { name: 'Replace secret…' }).click();
  xendit.answer = accepts;
  await page
    .getByRole('dialog')
    .getByLabel(/^Secret key/)
    .fill('xnd_development_the_right_one');
  await page.keyboard.press('Enter');
  await expectVerdict(page, 'Xendit ID', works);

  await xendit.close();
  await testAgain(page, 'Xendit ID');
  await expectVerdict(page, 'Xendit ID', {
    lines: [
      `${xendit.host} could not be reached`,
      'Nothing was sent. Check this machine’s network; if it works, the address of the connection may be wrong.',
      'ECONNREFUSED',
    ],
    acts: again,
  });

  await expectVerdict(
    page,
    'Flinks CA',
    {
      lines: [
        'No answer in time',
        `${silent.host} did not answer. A test changes nothing there. Wait a moment, then test again.`,
      ],
      acts: again,
    },
    40_000,
  );
  await expectNoFinding(page, 'no answer in time');
  silent.answer = json(200, { access_token: 'a-token', expires_in: 299 });
  await verdictOf(page, 'Flinks CA').getByRole('button', { name: 'Test again' }).click();
  await expectVerdict(page, 'Flinks CA', works);

  // Flinks says most of it with its authorize alone.
  for (const [answer, first, acts] of [
    [
      json(401, { error: 'invalid_client', error_description: 'No such client' }),
      'The credential was refused',
      ['Replace secret…'],
    ],
    [json(400, { error: 'unsupported_grant_type' }), 'That is not how Flinks Pay answers', again],
    [json(200, { token: 'of another kind' }), 'That is not how Flinks Pay answers', again],
    [json(500, {}), 'Flinks Pay has trouble of its own', again],
  ] as const) {
    silent.answer = answer;
    await testAgain(page, 'Flinks CA');
    await expect(verdictOf(page, 'Flinks CA').getByText(first, { exact: true })).toBeVisible();
    await expect(verdictOf(page, 'Flinks CA').getByRole('button')).toHaveText([...acts]);
  }
  await silent.close();
  await goTo(page, 'Audit');
  await expect(page.getByText('Tested a connection').first()).toBeVisible();
});
