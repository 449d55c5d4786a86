/**
 * The complete app with a fake client, for manual inspection. `?options={"sessionCount":2000}` sets its options (JSON).
 */
import { setLanguage } from '../../../src-renderer/i18n.ts';
import { createLongListClient } from '../../support/fake-long-list.ts';
import type { LongListOptions } from '../../support/fake-long-list.ts';

const options = JSON.parse(
  new URLSearchParams(location.search).get('options') ?? '{"sessionCount":2000,"auditRecordCount":1000}',
) as LongListOptions;
// `setLanguage` changes the language without opening the settings, so that open dialogs and menus stay open.
Object.assign(window, { sessionDesk: createLongListClient(options), setLanguage });
await import('../../../src-renderer/main.ts');
