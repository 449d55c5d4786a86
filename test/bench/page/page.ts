/**
 * `?variant=app&count=1000` shows the app with a client that generates rows. `?variant=baseline` shows the plain list.
 */
import { mountBaselineList } from './baseline-list.ts';
import { createGeneratedClient } from './generated-client.ts';

const searchParams = new URLSearchParams(location.search);
const count = Number(searchParams.get('count'));
performance.mark('start');
if (searchParams.get('variant') === 'baseline') {
  mountBaselineList(count);
} else {
  Object.assign(window, { sessionDesk: createGeneratedClient(count) });
  await import('../../../src-renderer/main.ts');
}
