/** Asks the URL it is given once and prints the exchange: for tests that need a process of their own. */
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
