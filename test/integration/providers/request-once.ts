/** Sends one GET to the URL argument and prints the exchange; for tests that need a child process. */
import { createHttpClient } from '../../../src-main/core/providers/http.ts';

const [baseUrl = ''] = process.argv.slice(2);
const exchange = await createHttpClient().send({
  connectionId: 'one',
  baseUrl,
  method: 'GET',
  path: '/',
  headers: {},
  signal: new AbortController().signal,
});
console.log(JSON.stringify(exchange));
