/** The screen tells its host what it speaks: taken strictly, on every desk, and on no record. */
import { expect, it, onTestFinished } from 'vitest';
import type { Language } from '../../../src-main/contract/index.ts';
import { dispatchCall } from '../../../src-main/hosts/dispatch.ts';
import { openTestApp } from '../../support/app.ts';
import { createMemoryLog } from '../../support/stub-app.ts';

it('reaches a host that has words of its own, and none other than the languages of the console do', async () => {
  const heard: Language[] = [];
  const app = await openTestApp({ onLanguageChanged: (language) => heard.push(language) });
  onTestFinished(() => app.close());
  const log = createMemoryLog();
  const tell = (input: unknown) => dispatchCall(app.handlers, 'app.setLanguage', input, log);
  const records = async () => (await app.handlers['audit.page']({ before: null, skip: 0, limit: 1 })).total;
  const before = await records();

  for (const language of ['fr-CA', 'id', 'en']) expect(await tell({ language })).toEqual({ ok: true, value: {} });
  for (const language of ['fr', 'EN', 'de', '', null, ['en'], { toString: () => 'en' }, '__proto__', undefined]) {
    expect(await tell({ language })).toMatchObject({ ok: false, error: { code: 'invalid_input' } });
  }
  expect(heard).toEqual(['fr-CA', 'id', 'en']);
  expect(await records()).toBe(before);
  expect(log.lines).toEqual([]);
});

it('is answered by a host without words of its own, as the browser’s, and where no workspace is open', async () => {
  const app = await openTestApp();
  onTestFinished(() => app.close());
  expect(await dispatchCall(app.handlers, 'app.setLanguage', { language: 'id' }, createMemoryLog())).toEqual({
    ok: true,
    value: {},
  });
  const closed = await openTestApp({ dataFolder: '/dev/null/nowhere' });
  onTestFinished(() => closed.close());
  expect((await closed.handlers['app.state']({})).workspaceError).not.toBeNull();
  expect(await dispatchCall(closed.handlers, 'app.setLanguage', { language: 'id' }, createMemoryLog())).toEqual({
    ok: true,
    value: {},
  });
});
