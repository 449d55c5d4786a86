/** What stands between the console and a provider: names, proxies, certificates. Real servers, a real proxy, a real authority. */
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { privateAuthority, type PrivateAuthority } from '../integration/providers/loopback-servers.ts';
import { expect, test } from './fixtures.ts';
import { connectTo, connectionItem, expectVerdict, testAgain, verdictOf } from './connection-test.ts';

const portOf = (server: http.Server): number => (server.address() as AddressInfo).port;

async function listening<Server extends http.Server>(server: Server): Promise<Server> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

let authority: PrivateAuthority;
let proxy: http.Server;
const asked: string[] = [];

test.beforeAll(async () => {
  authority = privateAuthority();
  proxy = await listening(
    http.createServer().on('connect', (request, socket) => {
      asked.push(request.url ?? '');
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n');
    }),
  );
});
test.afterAll(() => {
  proxy.close();
  authority.remove();
});
test.use({
  deskEnv: async ({}, use) => {
    await use({
      HTTPS_PROXY: `http://127.0.0.1:${portOf(proxy)}`,
      NO_PROXY: 'unknown.invalid',
      NODE_EXTRA_CA_CERTS: authority.file,
    });
  },
});

const certificates = (known: PrivateAuthority, host: string) =>
  [
    [
      known.selfSigned,
      [
        'The certificate is not trusted',
        `Nothing was sent to ${host}. If your network inspects traffic, have its authority added to this machine’s certificates; else tell whoever runs the host.`,
        'DEPTH_ZERO_SELF_SIGNED_CERT',
      ],
    ],
    [
      known.otherName,
      [
        'The certificate is for another name',
        `Nothing was sent: whatever answers at ${host} cannot show that it is ${host}. Look for a slip in the address; an address cannot be changed, ` +
          'so connect the right one, and remove this. If it is right, tell whoever runs the network.',
        'ERR_TLS_CERT_ALTNAME_INVALID',
      ],
    ],
    [
      known.expired,
      [
        'The certificate is out of date',
        `Nothing was sent to ${host}. Check the date and time of this machine; if they are right, tell whoever runs the host.`,
        'CERT_HAS_EXPIRED',
      ],
    ],
  ] as const;

// The proxy sees whoever else is called.
// Keeps P-05.
test('a name, a proxy or a certificate in the way is said in words, and nothing is sent', async ({ desk }) => {
  const { page } = desk;
  const acts = ['Test again'];
  await connectTo(page, 'flinks', 'Unknown', 'https://unknown.invalid');
  await expectVerdict(
    page,
    'Unknown',
    {
      lines: [
        'unknown.invalid is not known',
        'Nothing was sent. Look for a slip in the address, and check this machine’s network. An address cannot be changed: connect the right one, and remove this.',
        /^(ENOTFOUND|EAI_AGAIN)$/,
      ],
      acts,
    },
    20_000,
  );
  expect(asked).toEqual([]);

  await connectTo(page, 'flinks', 'Proxied', 'https://flinks.invalid');
  await expectVerdict(page, 'Proxied', {
    lines: [
      'The proxy did not open a way',
      'Nothing was sent to flinks.invalid. Check this machine’s proxy, or ask whoever runs the network.',
      'PROXY_407',
    ],
    acts,
  });
  expect(asked).toEqual(['flinks.invalid:443']);

  let requests = 0;
  const server = await listening(
    https.createServer(authority.selfSigned, (_request, response) => {
      requests += 1;
      response
        .writeHead(404, { 'content-type': 'application/json' })
        .end('{"error_code":"DATA_NOT_FOUND","message":"No such session"}');
    }),
  );
  const host = `127.0.0.1:${portOf(server)}`;
  await connectTo(page, 'xendit', 'Secure', `https://${host}`);
  for (const [identity, lines] of certificates(authority, host)) {
    server.setSecureContext(identity);
    await testAgain(page, 'Secure');
    await expectVerdict(page, 'Secure', { lines, acts });
  }
  expect(requests).toBe(0);
  server.setSecureContext(authority.good);
  await verdictOf(page, 'Secure').getByRole('button', { name: 'Test again' }).click();
  await expectVerdict(page, 'Secure', { lines: [/^The credential works\./], acts: [] });
  expect(requests).toBe(1);
  await expect(connectionItem(page, 'Unknown').getByText('unknown.invalid is not known')).toBeVisible();
  server.close();
  server.closeAllConnections();
});
