/** The native texts of the Electron host, in every language. */
import { describe, expect, it } from 'vitest';
import { matchLanguage, languages } from '../../../../src-main/contract/index.ts';
import { Locale } from '../../../../src-main/hosts/electron/locale.ts';
import { messagesByLanguage } from '../../../../src-main/hosts/electron/translations/index.ts';
import english from '../../../../src-renderer/locales/en.json' with { type: 'json' };
import french from '../../../../src-renderer/locales/fr-CA.json' with { type: 'json' };
import indonesian from '../../../../src-renderer/locales/id.json' with { type: 'json' };
import { nonEmpty } from '../../../support/non-empty.ts';

/** Arguments of texts that do not take two numbers. */
const sampleInputs: Readonly<Record<string, readonly unknown[][]>> = {
  'quit.message': [[[1]], [[1_204, 1_205]]],
  'notification.paused': [['Xendit ID']],
  'confirmation.field': [['Nom', 'Xendit ID']],
  'confirmation.count': [[1_204]],
};

/** Every text with its key path. A text with parameters is formatted for one and for many. */
function collectTexts(messages: unknown, path = ''): [path: string, text: string][] {
  if (typeof messages === 'string') return [[path, messages]];
  if (typeof messages === 'function')
    return (
      sampleInputs[path] ?? [
        [1, 1],
        [1_204, 1_204],
      ]
    ).map((args) => [path, (messages as (...args: unknown[]) => string)(...args)]);
  return Object.entries(messages as object).flatMap(([name, inner]) =>
    collectTexts(inner, path ? `${path}.${name}` : name),
  );
}
const allTexts = (language: (typeof languages)[number]) => collectTexts(messagesByLanguage[language]);
const others = ['fr-CA', 'id'] as const;

describe.each(nonEmpty(languages))('native texts in %s', (language) => {
  it('no text is empty', () => {
    expect(allTexts(language).length).toBeGreaterThan(60);
    expect(nonEmpty(allTexts(language)).filter(([, text]) => text.trim() === '' || text.includes('undefined'))).toEqual(
      [],
    );
  });

  it('numbers are formatted for the language', () => {
    expect(messagesByLanguage[language].notification.cancelled(1_204, 5_000)).toContain(
      { en: '1,204', 'fr-CA': '1\u00a0204', id: '1.204' }[language],
    );
    expect(nonEmpty(allTexts(language)).filter(([, text]) => text.includes('1204'))).toEqual([]);
  });
});

it.each(others)('native texts in %s: only words that are equal in both languages match English', (language) => {
  const englishPaths = new Map(allTexts('en').map(([path, text]) => [text, path]));
  const equalToEnglish = allTexts(language)
    .filter(([path, text]) => englishPaths.get(text) === path)
    .map(([path]) => path);
  expect(equalToEnglish.sort()).toEqual(
    language === 'id'
      ? ['confirmation.field', 'confirmation.labels.folder', 'menu.edit', 'menu.goAudit']
      : ['menu.goAudit', 'menu.services'],
  );
  expect(
    nonEmpty(allTexts(language)).filter(([, text]) =>
      /\b(?:the|cannot|session|batch is)\b/i.test(text.replaceAll('Session Desk', '')),
    ),
  ).toEqual([]);
});

it('native texts: the menu names the views like the renderer', () => {
  for (const [language, { nav }] of [
    ['en', english],
    ['fr-CA', french],
    ['id', indonesian],
  ] as const) {
    const { goSessions, goBatches, goAudit, goConnections, goSettings } = messagesByLanguage[language].menu;
    expect([goSessions, goBatches, goAudit, goConnections, goSettings]).toEqual([
      nav.sessions,
      nav.batches,
      nav.audit,
      nav.connections,
      nav.settings,
    ]);
  }
});

it('native texts in French: punctuation has the correct non-breaking spaces', () => {
  const wrong = /[ \u00a0]["”“]|[“”"']| [:;!?%»]|« |[^\s\d\u202f][;!?](?=\s|$)|[^\s\d\u00a0][:»](?=\s|$)/u;
  expect(nonEmpty(allTexts('fr-CA')).filter(([, text]) => wrong.test(text))).toEqual([]);
});

describe('language selection', () => {
  it('matchLanguage: returns the first supported language, or English', () => {
    expect(
      [['fr-FR'], ['de', 'id-ID', 'en'], ['en-GB', 'fr'], ['pt-BR', 'ja'], [], ['fr_CA.UTF-8'], ['idu', 'fr']].map(
        matchLanguage,
      ),
    ).toEqual(['fr-CA', 'id', 'en', 'en', 'en', 'fr-CA', 'fr-CA']);
  });

  it('Locale: uses the system language until the renderer reports its language, and notifies once per change', () => {
    const locale = new Locale(() => ['fr']);
    const fileLabels: string[] = [];
    locale.onChange(() => fileLabels.push(locale.messages.menu.file));
    expect(locale.messages.menu.file).toBe('Fichier');
    for (const language of ['en', 'en', 'id'] as const) locale.setLanguage(language);
    expect(fileLabels).toEqual(['File', 'Berkas']);
  });
});
