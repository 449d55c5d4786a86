/** The time limit of a request, in real time. The text is also tested by a state in `screen-states.ts`. */
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { connectNamed, expectTestResult } from './connection-test.ts';
import { expect, test } from './fixtures.ts';

test('connection test: a provider that never responds is reported after the time limit', async ({ app: { page } }) => {
  let requestCount = 0;
  const server = http.createServer(() => (requestCount += 1)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  await connectNamed(page, 'flinks', 'Flinks CA', `http://${host}`);
  await expectTestResult(
    page,
    'Flinks CA',
    {
      lines: [
        'No response in time',
        `${host} did not respond. A test changes nothing there. Wait a moment, then test again.`,
      ],
      actions: ['Test again'],
    },
    40_000,
  );
  expect(requestCount).toBe(1);
  server.close();
  server.closeAllConnections();
});
