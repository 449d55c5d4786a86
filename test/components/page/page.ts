/** The whole screen on a fake desk, to look at: `?options={"sessionCount":2000}` takes the fake's options as JSON. */
import { setLanguage } from '../../../src-renderer/i18n.ts';
import { createLongListClient } from '../../support/fake-long-list.ts';
import type { LongListOptions } from '../../support/fake-long-list.ts';

const options = JSON.parse(
  new URLSearchParams(location.search).get('options') ?? '{"sessionCount":2000,"auditRecordCount":1000}',
) as LongListOptions;
// `setLanguage` changes the language without a way through the settings, and whatever is open stays so.
Object.assign(window, { sessionDesk: createLongListClient(options), setLanguage });
await import('../../../src-renderer/main.ts');
