import { beforeEach, describe, expect, it } from 'vitest';
import { commands, page } from 'vitest/browser';
import { AppError, createMessage } from '../../src-main/contract/index.ts';
import { setLanguage } from '../../src-renderer/i18n.ts';
import { fakeBatch, fakeBatchConnection, fakeRunningBatch } from '../support/fake-batches.ts';
import { fakeConnection, fakeFeed } from '../support/fake-api-client.ts';
import { flattenMessages } from '../support/locale-messages.ts';
import { mountApp } from './mount-app.ts';

// Read as source text, because an import returns compiled messages.
const [english, french, indonesian] = (await Promise.all(
  (['en', 'fr-CA', 'id'] as const).map((name) => commands.readFile(`src-renderer/locales/${name}.json`)),
)) as [string, string, string];
const tree = (text: string): object => JSON.parse(text) as object;
const en = flattenMessages(tree(english));
const views = ['sessions', 'batches', 'audit', 'connections', 'settings'] as const;

/** All texts that a user can read or a screen reader can speak: text nodes and labelling attributes. */
function visibleTexts(): string[] {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  const texts: string[] = [document.title];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node instanceof Text && !node.parentElement?.closest('script, style')) texts.push(node.data);
    if (node instanceof Element)
      texts.push(...['aria-label', 'title', 'placeholder', 'alt'].map((name) => node.getAttribute(name) ?? ''));
  }
  return [...new Set(texts.map((text) => text.trim()))].filter(Boolean);
}

/** Returns a function that finds the English texts on screen that differ in the language of `locale`. */
function createTextFinder(locale: string): () => string[] {
  const messages = flattenMessages(tree(locale));
  const own = new Set([...messages.values()].flatMap((text) => text.split(' | ')));
  const patterns = [...en]
    .filter(([key, text]) => messages.get(key) !== text && /\p{L}{3}/u.test(text.replaceAll(/\{\w+\}/g, '')))
    .flatMap(([, text]) => text.split(' | '))
    .filter((text) => !own.has(text))
    .map((text) => new RegExp(`^${text.replaceAll(/[.*+?^$()[\]\\|]/g, '\\$&').replaceAll(/\{\w+\}/g, '.+')}$`));
  return () => visibleTexts().filter((text) => !own.has(text) && patterns.some((pattern) => pattern.test(text)));
}

/** Waits for a heading that appears after the view has loaded its data. */
async function openView(view: string): Promise<void> {
  await expect.element(page.getByRole('heading', { level: 1 })).toBeVisible();
  if (view === 'sessions' || view === 'audit')
    await expect.poll(() => document.querySelectorAll('[role="row"]').length).toBeGreaterThan(2);
}

/** Session IDs and host names can contain words that are valid in each language. */
const connections = [fakeConnection(1), fakeConnection(2)];
const fakeContent = () => ({
  sessionCount: 40,
  auditRecordCount: 60,
  feeds: [fakeFeed()],
  batches: [fakeBatch(1)],
  connections,
});

beforeEach(() => page.viewport(1280, 800));

describe('language', () => {
  it('language: the system language is the default; a change applies at once, is stored and sets lang', async () => {
    await mountApp(fakeContent(), '/settings');
    await expect
      .element(page.getByRole('group', { name: 'Language' }).getByRole('radio', { name: 'System' }))
      .toBeChecked();
    expect(document.documentElement.lang).toBe('en');
    await page.getByRole('radio', { name: 'Français (Canada)' }).click({ force: true });
    await expect.element(page.getByRole('heading', { name: 'Paramètres', level: 1 })).toBeVisible();
    expect([document.documentElement.lang, localStorage.getItem('language')]).toEqual(['fr-CA', 'fr-CA']);
    await page.getByRole('radio', { name: 'Bahasa Indonesia' }).click({ force: true });
    await expect.element(page.getByRole('heading', { name: 'Pengaturan', level: 1 })).toBeVisible();
    expect([document.documentElement.lang, localStorage.getItem('language')]).toEqual(['id', 'id']);
  });

  it('language: the host receives the language at the start and at each change', async () => {
    const { client } = await mountApp(fakeContent(), '/settings');
    const reportedLanguages = () =>
      client.calls
        .filter(({ name }) => name === 'app.setLanguage')
        .map(({ input }) => (input as { language: string }).language);
    await expect.poll(reportedLanguages).toEqual(['en']);
    await page.getByRole('radio', { name: 'Français (Canada)' }).click({ force: true });
    await expect.poll(reportedLanguages).toEqual(['en', 'fr-CA']);
    await page.getByRole('group', { name: 'Langue' }).getByRole('radio', { name: 'Système' }).click({ force: true });
    await expect.poll(reportedLanguages).toEqual(['en', 'fr-CA', 'en']);
  });

  it.each(views)('language: the frame and the view %s show no English text in another language', async (view) => {
    await mountApp(fakeContent(), `/${view}`);
    await openView(view);
    for (const [language, locale] of [
      ['fr-CA', french],
      ['id', indonesian],
    ] as const) {
      const findEnglishTexts = createTextFinder(locale);
      expect(findEnglishTexts().length, `in English, not in ${language}`).toBeGreaterThan(3);
      await setLanguage(language);
      await expect.poll(findEnglishTexts, { message: language }).toEqual([]);
      await setLanguage('en');
      await expect.poll(() => document.documentElement.lang).toBe('en');
    }
  });

  /** A message of core with a translation in every locale. */
  const message = createMessage('app.inputInvalid');
  const frenchText = flattenMessages(tree(french)).get('message.app.inputInvalid') ?? '';
  const callError = new AppError('connection_in_use', message, { retryable: true }).toCallError();
  const pausedBatch = fakeRunningBatch(1, connections, {
    connections: [
      fakeBatchConnection(fakeConnection(1), { state: 'paused', issue: { ...message, action: 'check_network' } }),
    ],
  });
  it.each([
    ['a session list that could not be read', { errors: { 'sessions.list': callError } }, '/sessions'],
    ['a feed list that could not be read', { errors: { 'feeds.list': callError } }, '/connections'],
    ['a paused connection', { connections, batches: [pausedBatch] }, `/batches/${pausedBatch.id}`],
  ])('language: the message of core in %s follows a change of the language', async (_title, options, path) => {
    await mountApp(options, path);
    await expect.element(page.getByText(message.message).first()).toBeVisible();
    await setLanguage('fr-CA');
    await expect.element(page.getByText(frenchText).first()).toBeVisible();
    expect(page.getByText(message.message).elements()).toEqual([]);
  });

  it('language: a message of core in a list that could not be read again is translated', async () => {
    const { client } = await mountApp({ sessionCount: 3 });
    await setLanguage('fr-CA');
    await openView('sessions');
    client.options.errors = { 'sessions.list': callError };
    client.emit('sessions.changed', { rows: [], isTruncated: true });
    await expect.element(page.getByRole('alert').getByText(frenchText)).toBeVisible();
  });
});
