/** The connection test against every kind of provider response, from a real server: exact texts and actions. */
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { navigateTo } from './steps.ts';
import { connectNamed, expectTestResult, rerunTest, testResultOf, type ExpectedTestResult } from './connection-test.ts';

type Respond = (response: http.ServerResponse) => unknown;

interface ScriptedProvider {
  readonly host: string;
  readonly url: string;
  respond: Respond;
  close(): Promise<void>;
}

/** A server on loopback that answers every request with the current `respond` function. */
async function startScriptedProvider(first: Respond): Promise<ScriptedProvider> {
  const server = http.createServer((_request, response) => void it.respond(response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const it: ScriptedProvider = {
    host,
    url: `http://${host}`,
    respond: first,
    close: async () => {
      server.close();
      server.closeAllConnections();
      if (server.listening) await once(server, 'close');
    },
  };
  return it;
}

const respondJson =
  (status: number, body: object, headers: http.OutgoingHttpHeaders = {}): Respond =>
  (response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
const respondHtml =
  (status: number, headers: http.OutgoingHttpHeaders = {}): Respond =>
  (response) =>
    response.writeHead(status, { 'content-type': 'text/html', ...headers }).end('<html><title>Sign in</title></html>');
const respondXenditError = (status: number, error_code: string, message: string): Respond =>
  respondJson(status, { error_code, message });
const resetConnection: Respond = (response) => response.destroy();
const truncateBody: Respond = (response) =>
  response.writeHead(404, { 'content-length': '100' }).write('{"error_code":', () => response.destroy());

const acceptCredential = respondXenditError(404, 'DATA_NOT_FOUND', 'Session not found');
const acceptedResult: ExpectedTestResult = { lines: [/^The credential works\. Response time: \d+ ms\.$/], actions: [] };
const testAgainOnly = ['Test again'];

/** Responses of Xendit, or of another server at its address, and the expected test result. */
const responseCases = (host: string): readonly (readonly [Respond, ExpectedTestResult])[] => [
  [acceptCredential, acceptedResult],
  [
    respondXenditError(403, 'REQUEST_FORBIDDEN_ERROR', 'The API key is forbidden to perform this request'),
    {
      lines: [
        'A permission is missing',
        `${host} accepted the credential but does not allow this request.`,
        'In the Xendit dashboard, open Settings, API keys, and set Money-in to Write.',
        'Message from the provider: REQUEST_FORBIDDEN_ERROR, The API key is forbidden to perform this request',
        'HTTP 403',
      ],
      actions: testAgainOnly,
    },
  ],
  [
    respondXenditError(403, 'UNAUTHORIZED_SENDER_IP', 'Request from IP address 203.0.113.7 is not allowed'),
    {
      lines: [
        'This computer’s address is not allowed',
        `${host} accepts no requests from 203.0.113.7. Add this address to the IP allowlist in the ` +
          'provider’s dashboard. If the address changes often, route Session Desk’s traffic through a ' +
          'fixed address (VPN or proxy).',
        'Message from the provider: UNAUTHORIZED_SENDER_IP, Request from IP address 203.0.113.7 is not allowed',
        'HTTP 403',
        '203.0.113.7',
      ],
      actions: ['Test again', 'Copy address'],
    },
  ],
  [
    respondJson(429, {}, { 'retry-after': '41' }),
    {
      lines: [
        'Too many requests',
        `${host} requires a wait of 41 s before the next request. The credential was not checked.`,
        'Message from the provider: Too Many Requests',
        'HTTP 429',
      ],
      actions: testAgainOnly,
    },
  ],
  [
    respondJson(429, {}),
    {
      lines: [
        'Too many requests',
        `${host} is limiting the number of requests and does not say for how long. The credential was ` +
          'not checked. Wait a moment, then test again.',
        'Message from the provider: Too Many Requests',
        'HTTP 429',
      ],
      actions: testAgainOnly,
    },
  ],
  [
    respondHtml(503),
    {
      lines: [
        'Server error at Xendit',
        `${host} could not process the request. The credential was not checked. Wait a while, then test again.`,
        'Message from the provider: Service Unavailable',
        'HTTP 503',
      ],
      actions: testAgainOnly,
    },
  ],
  ...[respondHtml(200), respondHtml(404)].map(
    (response, index) =>
      [
        response,
        {
          lines: [
            'Not a valid response from Xendit',
            `Another system may be responding at ${host}, such as a sign-in page of the network or a ` +
              'different service. Check the network and the address of the connection.',
            ...(index === 0 ? ['HTTP 200'] : ['Message from the provider: Not Found', 'HTTP 404']),
          ],
          actions: testAgainOnly,
        },
      ] as const,
  ),
  [
    respondHtml(302, { location: 'https://elsewhere.invalid/' }),
    {
      lines: [
        'The address redirects to another address',
        `${host} redirects requests to another address. Session Desk does not follow redirects, because ` +
          'they would expose the credential. Add a connection with the correct address and remove this ' +
          'one.',
        'Message from the provider: Found',
        'HTTP 302',
      ],
      actions: ['Connect a provider'],
    },
  ],
  [
    respondXenditError(400, 'API_VALIDATION_ERROR', 'for-user-id is not a business of yours'),
    {
      lines: [
        'Xendit did not accept the request',
        'Check the client ID or the sub-account for typing mistakes, then change the connection.',
        'Message from the provider: API_VALIDATION_ERROR, for-user-id is not a business of yours',
        'HTTP 400',
      ],
      actions: ['Change…'],
    },
  ],
  ...[resetConnection, truncateBody].map(
    (response, index) =>
      [
        response,
        {
          lines: [
            'The network connection was lost',
            `The response from ${host} was incomplete, so it was not used. A test changes nothing there. Test again.`,
            index === 0 ? 'ECONNRESET' : /^(ECONNRESET|ERR_BAD_RESPONSE)$/,
          ],
          actions: testAgainOnly,
        },
      ] as const,
  ),
  [
    respondXenditError(401, 'INVALID_API_KEY', 'API key is not authorized'),
    {
      lines: [
        'The credential was refused',
        `${host} did not accept the credential. It is wrong, belongs to the other environment, was ` +
          'revoked, or does not have ' +
          'permission for this request. Check it at Xendit, then replace it here.',
        'Message from the provider: INVALID_API_KEY, API key is not authorized',
        'HTTP 401',
      ],
      actions: ['Replace secret…'],
    },
  ],
];

/** The action opens the dialog with this title, and Escape closes it. */
async function expectOpensDialog(page: Page, name: string, action: string, title: string): Promise<void> {
  await testResultOf(page, name).getByRole('button', { name: action }).click();
  await expect(page.getByRole('dialog').getByRole('heading', { name: title })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
}

const dialogTitleByAction: Readonly<Record<string, string>> = {
  'Connect a provider': 'Connect a provider',
  'Change…': 'Change Xendit ID',
  'Replace secret…': 'Secret of Xendit ID',
};

test('connection test: each provider response is explained with its action', async ({ app }) => {
  test.setTimeout(120_000);
  const { page } = app;
  const flinks = await startScriptedProvider(respondJson(200, { access_token: 'a-token', expires_in: 299 }));
  const xendit = await startScriptedProvider(acceptCredential);
  await connectNamed(page, 'flinks', 'Flinks CA', flinks.url);
  await connectNamed(page, 'xendit', 'Xendit ID', xendit.url);
  const checkedActions = new Set<string>();
  for (const [respond, expected] of responseCases(xendit.host)) {
    xendit.respond = respond;
    await rerunTest(page, 'Xendit ID');
    await expectTestResult(page, 'Xendit ID', expected);
    if (expected.actions.every((action) => checkedActions.has(action))) continue;
    for (const action of expected.actions) {
      const title = dialogTitleByAction[action];
      if (title !== undefined) await expectOpensDialog(page, 'Xendit ID', action, title);
      checkedActions.add(action);
    }
  }

  await testResultOf(page, 'Xendit ID').getByRole('button', { name: 'Replace secret…' }).click();
  xendit.respond = acceptCredential;
  await page
    .getByRole('dialog')
    .getByLabel(/^Secret key/)
    .fill('xnd_development_the_right_one');
  await page.keyboard.press('Enter');
  await expectTestResult(page, 'Xendit ID', acceptedResult);

  await xendit.close();
  await rerunTest(page, 'Xendit ID');
  await expectTestResult(page, 'Xendit ID', {
    lines: [
      `${xendit.host} could not be reached`,
      'Nothing was sent. Check this computer’s network. If the network works, the address of the ' +
        'connection may be wrong.',
      'ECONNREFUSED',
    ],
    actions: testAgainOnly,
  });

  await expectTestResult(page, 'Flinks CA', acceptedResult);

  // For Flinks the authorize request determines most results.
  for (const [respond, title, actions] of [
    [
      respondJson(401, { error: 'invalid_client', error_description: 'No such client' }),
      'The credential was refused',
      ['Replace secret…'],
    ],
    [respondJson(400, { error: 'unsupported_grant_type' }), 'Not a valid response from Flinks Pay', testAgainOnly],
    [respondJson(200, { token: 'of another kind' }), 'Not a valid response from Flinks Pay', testAgainOnly],
    [respondJson(500, {}), 'Server error at Flinks Pay', testAgainOnly],
  ] as const) {
    flinks.respond = respond;
    await rerunTest(page, 'Flinks CA');
    await expect(testResultOf(page, 'Flinks CA').getByText(title, { exact: true })).toBeVisible();
    await expect(testResultOf(page, 'Flinks CA').getByRole('button')).toHaveText([...actions]);
  }
  await flinks.close();
  await navigateTo(page, 'Audit');
  await expect(page.getByText('Connection tested').first()).toBeVisible();
});
