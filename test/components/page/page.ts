/** The whole screen on a fake desk, to look at: `?options={"sessions":2000}` takes the fake's options as JSON. */
import { speak } from '../../../src-renderer/i18n.ts';
import { fakeLongDesk } from '../../support/fake-long-list.ts';
import type { LongOptions } from '../../support/fake-long-list.ts';

const options = JSON.parse(
  new URLSearchParams(location.search).get('options') ?? '{"sessions":2000,"audit":1000}',
) as LongOptions;
// `speak` changes the language without a way through the settings, and whatever is open stays so.
Object.assign(window, { sessionDesk: fakeLongDesk(options), speak });
await import('../../../src-renderer/main.ts');
