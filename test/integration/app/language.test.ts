/** The call app.setLanguage, with which the renderer reports its language. */
import { expect, it, onTestFinished } from 'vitest';
import type { Language } from '../../../src-main/contract/index.ts';
import { dispatchCall } from '../../../src-main/hosts/dispatch.ts';
import { createHostHandlers } from '../../../src-main/hosts/open-app.ts';
import { openTestApp } from '../../support/app.ts';
import { createMemoryLog } from '../../support/stub-app.ts';

it('app.setLanguage: passes supported languages to the host, rejects others, and records nothing', async () => {
  const receivedLanguages: Language[] = [];
  const app = await openTestApp();
  const hostHandlers = createHostHandlers((language) => void receivedLanguages.push(language));
  onTestFinished(() => app.close());
  const log = createMemoryLog();
  const setLanguage = (input: unknown) =>
    dispatchCall({ ...app.handlers, ...hostHandlers }, 'app.setLanguage', input, log);
  const countRecords = async () => (await app.handlers['audit.page']({ before: null, skip: 0, limit: 1 })).total;
  const countBefore = await countRecords();

  for (const language of ['fr-CA', 'id', 'en'])
    expect(await setLanguage({ language })).toEqual({ ok: true, value: {} });
  for (const language of ['fr', 'EN', 'de', '', null, ['en'], { toString: () => 'en' }, '__proto__', undefined]) {
    expect(await setLanguage({ language })).toMatchObject({ ok: false, error: { code: 'invalid_input' } });
  }
  expect(receivedLanguages).toEqual(['fr-CA', 'id', 'en']);
  expect(await countRecords()).toBe(countBefore);
  expect(log.lines).toEqual([]);
});

it('app.setLanguage: succeeds without a listener and without an open workspace', async () => {
  const app = await openTestApp();
  onTestFinished(() => app.close());
  const handlers = { ...app.handlers, ...createHostHandlers() };
  expect(await dispatchCall(handlers, 'app.setLanguage', { language: 'id' }, createMemoryLog())).toEqual({
    ok: true,
    value: {},
  });
  const appWithoutWorkspace = await openTestApp({ dataFolder: '/dev/null/nowhere' });
  onTestFinished(() => appWithoutWorkspace.close());
  expect((await appWithoutWorkspace.handlers['app.state']({})).workspaceError).not.toBeNull();
  expect(
    await dispatchCall(
      { ...appWithoutWorkspace.handlers, ...createHostHandlers() },
      'app.setLanguage',
      { language: 'id' },
      createMemoryLog(),
    ),
  ).toEqual({
    ok: true,
    value: {},
  });
});
