/** The whole screen on a fake desk, to look at: `?options={"sessions":2000}` takes the fake's options as JSON. */
import { fakeDesk } from '../../support/fake-desk.ts';
import type { FakeOptions } from '../../support/fake-desk.ts';

const options = JSON.parse(new URLSearchParams(location.search).get('options') ?? '{"sessions":2000,"audit":1000}') as FakeOptions;
Object.assign(window, { sessionDesk: fakeDesk(options) });
await import('../../../src-renderer/main.ts');
