/**
 * Name resolution, proxy and certificate errors of the connection test, with real servers, a proxy and a private CA.
 */
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { createPrivateCa, type PrivateCa } from '../integration/providers/loopback-servers.ts';
import { expect, test } from './fixtures.ts';
import { connectNamed, connectionItem, expectTestResult, rerunTest, testResultOf } from './connection-test.ts';

const portOf = (server: http.Server): number => (server.address() as AddressInfo).port;

async function startListening<Server extends http.Server>(server: Server): Promise<Server> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

let certificateAuthority: PrivateCa;
let proxy: http.Server;
const proxyRequests: string[] = [];

test.beforeAll(async () => {
  certificateAuthority = createPrivateCa();
  proxy = await startListening(
    http.createServer().on('connect', (request, socket) => {
      proxyRequests.push(request.url ?? '');
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n');
    }),
  );
});
test.afterAll(() => {
  proxy.close();
  certificateAuthority.remove();
});
test.use({
  appEnv: async ({}, use) => {
    await use({
      HTTPS_PROXY: `http://127.0.0.1:${portOf(proxy)}`,
      NO_PROXY: 'unknown.invalid',
      NODE_EXTRA_CA_CERTS: certificateAuthority.file,
    });
  },
});

const certificateCases = (known: PrivateCa, host: string) =>
  [
    [
      known.selfSigned,
      [
        'The certificate is not trusted',
        `Nothing was sent to ${host}. If your network inspects traffic, add its certificate authority ` +
          'to this computer’s trusted certificates. If not, contact the administrator of the host.',
        'DEPTH_ZERO_SELF_SIGNED_CERT',
      ],
    ],
    [
      known.wrongName,
      [
        'The certificate is for a different host name',
        `Nothing was sent. The server that responded could not prove that it is ${host}. Check the ` +
          'address for typing mistakes. The address of a connection cannot be changed: if it is wrong, ' +
          'add a connection with the correct address and remove this one. If it is correct, contact your ' +
          'network administrator.',
        'ERR_TLS_CERT_ALTNAME_INVALID',
      ],
    ],
    [
      known.expired,
      [
        'The certificate has expired or is not yet valid',
        `Nothing was sent to ${host}. Check the date and time of this computer. If they are correct, ` +
          'contact the administrator of the host.',
        'CERT_HAS_EXPIRED',
      ],
    ],
  ] as const;

// The proxy records every other host that is requested.
// Verifies P-05.
test('connection test: name, proxy and certificate errors are explained, and nothing is sent', async ({ app }) => {
  const { page } = app;
  const actions = ['Test again'];
  await connectNamed(page, 'flinks', 'Unknown', 'https://unknown.invalid');
  await expectTestResult(
    page,
    'Unknown',
    {
      lines: [
        'unknown.invalid was not found',
        'Nothing was sent. Check the address for typing mistakes, and check this computer’s network. ' +
          'The address of a connection cannot be changed: if it is wrong, add a connection with the ' +
          'correct address and remove this one.',
        /^(ENOTFOUND|EAI_AGAIN)$/,
      ],
      actions,
    },
    20_000,
  );
  expect(proxyRequests).toEqual([]);

  await connectNamed(page, 'flinks', 'Proxied', 'https://flinks.invalid');
  await expectTestResult(page, 'Proxied', {
    lines: [
      'Could not connect through the proxy',
      'Nothing was sent to flinks.invalid. Check this computer’s proxy settings, or contact your ' +
        'network administrator.',
      'PROXY_407',
    ],
    actions,
  });
  expect(proxyRequests).toEqual(['flinks.invalid:443']);

  let requests = 0;
  const server = await startListening(
    https.createServer(certificateAuthority.selfSigned, (_request, response) => {
      requests += 1;
      response
        .writeHead(404, { 'content-type': 'application/json' })
        .end('{"error_code":"DATA_NOT_FOUND","message":"No such session"}');
    }),
  );
  const host = `127.0.0.1:${portOf(server)}`;
  await connectNamed(page, 'xendit', 'Secure', `https://${host}`);
  for (const [identity, lines] of certificateCases(certificateAuthority, host)) {
    server.setSecureContext(identity);
    await rerunTest(page, 'Secure');
    await expectTestResult(page, 'Secure', { lines, actions });
  }
  expect(requests).toBe(0);
  server.setSecureContext(certificateAuthority.valid);
  await testResultOf(page, 'Secure').getByRole('button', { name: 'Test again' }).click();
  await expectTestResult(page, 'Secure', { lines: [/^The credential works\./], actions: [] });
  expect(requests).toBe(1);
  await expect(connectionItem(page, 'Unknown').getByText('unknown.invalid was not found')).toBeVisible();
  server.close();
  server.closeAllConnections();
});
