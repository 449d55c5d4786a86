/** What the window says by itself, in every language. */
import { describe, expect, it } from 'vitest';
import { matchLanguage, languages } from '../../../../src-main/contract/index.ts';
import { Locale } from '../../../../src-main/hosts/electron/locale.ts';
import { messagesByLanguage } from '../../../../src-main/hosts/electron/translations/index.ts';
import english from '../../../../src-renderer/locales/en.json' with { type: 'json' };
import french from '../../../../src-renderer/locales/fr-CA.json' with { type: 'json' };
import indonesian from '../../../../src-renderer/locales/id.json' with { type: 'json' };

/** What a sentence is given, where that is not a number or two. */
const sampleInputs: Readonly<Record<string, readonly unknown[][]>> = {
  'quit.message': [[[1]], [[1_204, 1_205]]],
  'notification.paused': [['Xendit ID']],
};

/** Every text under its place; a sentence with numbers as it reads for one thing and for many. */
function collectTexts(part: unknown, place = ''): [place: string, text: string][] {
  if (typeof part === 'string') return [[place, part]];
  if (typeof part === 'function')
    return (
      sampleInputs[place] ?? [
        [1, 1],
        [1_204, 1_204],
      ]
    ).map((given) => [place, (part as (...given: unknown[]) => string)(...given)]);
  return Object.entries(part as object).flatMap(([name, inner]) =>
    collectTexts(inner, place ? `${place}.${name}` : name),
  );
}
const allTexts = (language: (typeof languages)[number]) => collectTexts(messagesByLanguage[language]);
const others = ['fr-CA', 'id'] as const;

describe.each(languages)('the window’s words in %s', (language) => {
  it('are all there', () => {
    expect(allTexts(language).length).toBeGreaterThan(60);
    expect(allTexts(language).filter(([, text]) => text.trim() === '' || text.includes('undefined'))).toEqual([]);
  });

  it('write numbers as the language does', () => {
    expect(messagesByLanguage[language].notification.cancelled(1_204, 5_000)).toContain(
      { en: '1,204', 'fr-CA': '1\u00a0204', id: '1.204' }[language],
    );
    expect(allTexts(language).filter(([, text]) => text.includes('1204'))).toEqual([]);
  });
});

it.each(others)('%s is translated: only words that are the same in both stand as in English', (language) => {
  const same = new Map(allTexts('en').map(([place, text]) => [text, place]));
  const left = allTexts(language)
    .filter(([place, text]) => same.get(text) === place)
    .map(([place]) => place);
  expect(left.sort()).toEqual(language === 'id' ? ['menu.edit', 'menu.goAudit'] : ['menu.goAudit', 'menu.services']);
  expect(
    allTexts(language).filter(([, text]) =>
      /\b(?:the|cannot|session|batch is)\b/i.test(text.replaceAll('Session Desk', '')),
    ),
  ).toEqual([]);
});

it('name the places as the screen does', () => {
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

it('French keeps its punctuation with the word before it', () => {
  const wrong = /[ \u00a0]["”“]|[“”"']| [:;!?%»]|« |[^\s\d\u202f][;!?](?=\s|$)|[^\s\d\u00a0][:»](?=\s|$)/u;
  expect(allTexts('fr-CA').filter(([, text]) => wrong.test(text))).toEqual([]);
});

describe('the language of the window', () => {
  it('is the first of the system’s that the console speaks, and English where it speaks none', () => {
    expect(
      [['fr-FR'], ['de', 'id-ID', 'en'], ['en-GB', 'fr'], ['pt-BR', 'ja'], [], ['fr_CA.UTF-8'], ['idu', 'fr']].map(
        matchLanguage,
      ),
    ).toEqual(['fr-CA', 'id', 'en', 'en', 'en', 'fr-CA', 'fr-CA']);
  });

  it('is that of the screen once it has told it, and each change is heard once', () => {
    const locale = new Locale(() => ['fr']);
    const heard: string[] = [];
    locale.onChange(() => heard.push(locale.messages.menu.file));
    expect(locale.messages.menu.file).toBe('Fichier');
    for (const language of ['en', 'en', 'id'] as const) locale.setLanguage(language);
    expect(heard).toEqual(['File', 'Berkas']);
  });
});
