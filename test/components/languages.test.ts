import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { commands, page } from 'vitest/browser';
import { AppError, createMessage } from '../../src-main/contract/index.ts';
import { i18n, setLanguage } from '../../src-renderer/i18n.ts';
import type {} from '../support/axe-command.ts';
import { fakeBatch, fakeBatchConnection, fakeRunningBatch } from '../support/fake-batches.ts';
import { fakeConnection, fakeFeed } from '../support/fake-api-client.ts';
import { flattenMessages, lengthenMessages } from '../support/locale-messages.ts';
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
  return texts.map((text) => text.trim()).filter(Boolean);
}

/** English texts on screen that differ in `messages`, the texts of the current language. */
function untranslatedTexts(messages: ReadonlyMap<string, string>): string[] {
  const own = new Set([...messages.values()].flatMap((text) => text.split(' | ')));
  const patterns = [...en]
    .filter(([key, text]) => messages.get(key) !== text && /\p{L}{3}/u.test(text.replaceAll(/\{\w+\}/g, '')))
    .flatMap(([, text]) => text.split(' | '))
    .filter((text) => !own.has(text))
    .map((text) => new RegExp(`^${text.replaceAll(/[.*+?^$()[\]\\|]/g, '\\$&').replaceAll(/\{\w+\}/g, '.+')}$`));
  return visibleTexts().filter((text) => !own.has(text) && patterns.some((pattern) => pattern.test(text)));
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
    expect(await commands.axe('#app')).toEqual([]);
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

  it.each(
    (
      [
        ['fr-CA', french],
        ['id', indonesian],
      ] as const
    ).flatMap(([language, text]) => views.map((view) => [language, view, text] as const)),
  )('language: %s shows no English text in the frame and in the view %s', async (language, view, text) => {
    const messages = flattenMessages(tree(text));
    await mountApp(fakeContent(), `/${view}`);
    await openView(view);
    expect(untranslatedTexts(messages).length).toBeGreaterThan(3);
    await setLanguage(language);
    await expect.poll(() => untranslatedTexts(messages)).toEqual([]);
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
    ['a session list that could not be read', { errors: { 'sessions.page': callError } }, '/sessions'],
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
    client.options.errors = { 'sessions.page': callError };
    client.emit('sessions.changed', { rows: [], isTruncated: true });
    await expect.element(page.getByRole('alert').getByText(frenchText)).toBeVisible();
  });
});

/** Whether an element is inside a horizontal scroll container, such as the status tabs. */
function isScrollable(element: Element): boolean {
  for (let ancestor = element.parentElement; ancestor; ancestor = ancestor.parentElement) {
    if (/auto|scroll/.test(getComputedStyle(ancestor).overflowX) && ancestor.scrollWidth > ancestor.clientWidth + 1)
      return true;
  }
  return false;
}

/** Controls and headings that overflow the window, their own box or a clipping ancestor. */
function findClippedElements(): string[] {
  const problems: string[] = [];
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) problems.push(`the page is ${scrollWidth} px wide`);
  for (const element of document.querySelectorAll<HTMLElement>(
    '#app :is(button, a, h1, h2, h3, legend, label, [role="tab"], [role="status"], select)',
  )) {
    const box = element.getBoundingClientRect();
    if (!element.checkVisibility() || box.width < 2 || element.closest('.visually-hidden, [role="row"]')) continue;
    const name = `${element.tagName} “${element.textContent.trim().slice(0, 60)}”`;
    if (!isScrollable(element) && (box.right > innerWidth + 1 || box.left < -1))
      problems.push(`${name} overflows the window`);
    if (element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).display !== 'inline')
      problems.push(`${name} does not fit into its box`);
    for (let ancestor = element.parentElement; ancestor && ancestor.id !== 'app'; ancestor = ancestor.parentElement) {
      const { overflowX } = getComputedStyle(ancestor);
      if (overflowX === 'auto' || overflowX === 'scroll') break;
      if ((overflowX === 'hidden' || overflowX === 'clip') && box.right > ancestor.getBoundingClientRect().right + 1)
        problems.push(`${name} is clipped by ${ancestor.className}`);
    }
  }
  return problems;
}

describe('longer texts', () => {
  it.each(views)(
    'longer texts: %s has no clipped text in the smallest window when texts are 40% longer',
    async (view) => {
      await page.viewport(960, 600);
      await mountApp(fakeContent(), `/${view}`);
      await openView(view);
      i18n.global.setLocaleMessage('longer', lengthenMessages(tree(english)) as never);
      i18n.global.locale.value = 'longer';
      onTestFinished(() => {
        i18n.global.locale.value = 'en';
      });
      await expect.poll(() => document.querySelector('h1')?.textContent).toMatch(/ l/);
      expect(findClippedElements()).toEqual([]);
    },
  );
});
