/** The screen tells its host what it speaks: taken strictly, on every desk, and on no record. */
import { expect, it, onTestFinished } from 'vitest';
import type { Language } from '../../../src-main/contract/index.ts';
import { answer } from '../../../src-main/hosts/dispatch.ts';
import { openTestDesk } from '../../support/app.ts';
import { keptLog } from '../../support/stub-app.ts';

it('reaches a host that has words of its own, and none other than the languages of the console do', async () => {
  const heard: Language[] = [];
  const desk = await openTestDesk({ speak: (language) => heard.push(language) });
  onTestFinished(() => desk.close());
  const log = keptLog();
  const tell = (input: unknown) => answer(desk.handlers, 'screen.setLanguage', input, log);
  const records = async () => (await desk.handlers['audit.page']({ before: null, skip: 0, limit: 1 })).total;
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
  const desk = await openTestDesk();
  onTestFinished(() => desk.close());
  expect(await answer(desk.handlers, 'screen.setLanguage', { language: 'id' }, keptLog())).toEqual({
    ok: true,
    value: {},
  });
  const closed = await openTestDesk({ dataFolder: '/dev/null/nowhere' });
  onTestFinished(() => closed.close());
  expect((await closed.handlers['desk.state']({})).trouble).not.toBeNull();
  expect(await answer(closed.handlers, 'screen.setLanguage', { language: 'id' }, keptLog())).toEqual({
    ok: true,
    value: {},
  });
});
