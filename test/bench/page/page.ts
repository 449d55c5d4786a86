/** `?what=ours&count=1000`: the screen on a desk that makes each row when it is asked for; `?what=bare`: a list and nothing else. */
import { mountBare } from './baseline-list.ts';
import { endlessDesk } from './generated-client.ts';

const asked = new URLSearchParams(location.search);
const count = Number(asked.get('count'));
performance.mark('began');
if (asked.get('what') === 'bare') {
  mountBare(count);
} else {
  Object.assign(window, { sessionDesk: endlessDesk(count) });
  await import('../../../src-renderer/main.ts');
}
