import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { createMessage, messageTexts } from '../../../src-main/contract/messages/index.ts';
import { pluralRules } from '../../../src-main/contract/languages.ts';
import {
  localizeMessage,
  withLocalizedMessage,
  i18n,
  languageNames,
  languages,
  setLanguage,
  systemLanguage,
} from '../../../src-renderer/i18n.ts';
import type { Language } from '../../../src-renderer/i18n.ts';
import en from '../../../src-renderer/locales/en.json' with { type: 'json' };
import french from '../../../src-renderer/locales/fr-CA.json' with { type: 'json' };
import indonesian from '../../../src-renderer/locales/id.json' with { type: 'json' };
import { flattenMessages } from '../../support/locale-messages.ts';
import { nonEmpty } from '../../support/non-empty.ts';

const english = flattenMessages(en);
/** Texts of the main process. They have their English text with them, so that only the other locales translate them. */
const mainProcessTexts = flattenMessages({ message: messageTexts });
mainProcessTexts.delete('message.app.verbatim');
const isMainProcessKey = (key: string): boolean => key.startsWith('message.');
const englishTexts = new Map([...english, ...mainProcessTexts]);
const translations = [
  ['fr-CA', flattenMessages(french)],
  ['id', flattenMessages(indonesian)],
] as const;

/** The text without parameters and without names that are the same in every language. */
const textWithoutPlaceholders = (text: string): string =>
  text
    .replaceAll(/Session Desk|desk\.log/g, '')
    .replaceAll(/\{\w+\}/g, '')
    .replaceAll(/\b(?:Session|the)-\w+/gi, '');
const pluralFormsOf = (text: string): string[] => text.split(' | ');
/** Number of plural forms in a language by their number in English. Three forms in English are zero, one and many. */
const formCounts: Record<Language, Record<number, number>> = {
  en: { 1: 1, 2: 2, 3: 3 },
  'fr-CA': { 1: 1, 2: 2, 3: 3 },
  id: { 1: 1, 2: 1, 3: 2 },
};
/** Parameter names in alphabetical order, each once: the form for one may omit the number. */
const parameterNames = (text: string): string =>
  [...new Set([...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name))].sort().join();

describe.each(translations)('locale %s', (language, texts) => {
  it('a translation has exactly the keys of the English locale', () => {
    expect({
      missing: [...english.keys()].filter((key) => !texts.has(key)),
      unexpected: [...texts.keys()].filter((key) => !english.has(key) && !isMainProcessKey(key)),
    }).toEqual({ missing: [], unexpected: [] });
  });

  it('a translation has exactly the keys of the main process’s messages, except app.verbatim', () => {
    expect({
      missing: [...mainProcessTexts.keys()].filter((key) => !texts.has(key)),
      unexpected: [...texts.keys()].filter((key) => isMainProcessKey(key) && !mainProcessTexts.has(key)),
    }).toEqual({ missing: [], unexpected: [] });
  });

  it('a translation has the parameters of its English text', () => {
    const different = nonEmpty(texts).filter(([key, text]) => {
      const source = englishTexts.get(key);
      return source !== undefined && parameterNames(text) !== parameterNames(source);
    });
    expect(different.map(([key]) => key)).toEqual([]);
  });

  it('a translation has as many plural forms as its language requires', () => {
    const wrong = [...texts].filter(([key, text]) => {
      const source = englishTexts.get(key);
      return source !== undefined && pluralFormsOf(text).length !== formCounts[language][pluralFormsOf(source).length];
    });
    expect(wrong.map(([key]) => key)).toEqual([]);
  });

  it('a translation differs from the English text, unless it is a name or a provider’s term', () => {
    const names = new Set([
      'Session Desk',
      'Flinks Pay',
      'JSON Lines',
      'Back office',
      'Client secret',
      'API key',
      'Secret key',
    ]);
    const untranslated = nonEmpty(texts).filter(
      ([key, text]) =>
        (text === englishTexts.get(key) && /\p{L}{3,} \p{L}{3,}/u.test(text) && !names.has(text)) ||
        /\b(?:the|cannot|please|session)\b/i.test(textWithoutPlaceholders(text)),
    );
    expect(untranslated).toEqual([]);
  });
});

describe('locale en', () => {
  it('an English text has one form, two (one, many) or three (zero, one, many)', () => {
    const wrong = [...englishTexts].filter(([, text]) => formCounts.en[pluralFormsOf(text).length] === undefined);
    expect(wrong).toEqual([]);
  });

  it('the English locale holds no messages of the main process', () => {
    expect(nonEmpty(english.keys()).filter(isMainProcessKey)).toEqual([]);
  });
});

describe('locale fr-CA terms', () => {
  const texts = [...flattenMessages(french)];

  it('French texts have no-break spaces before punctuation and French quotation marks', () => {
    const wrong = /[ \u00a0]["”“]|[“”"']| [:;!?%»]|« |[^\s\d\u202f][;!?](?=\s|$)|[^\s\d\u00a0{}][:»](?=\s|$)/u;
    expect(nonEmpty(texts).filter(([, text]) => wrong.test(text))).toEqual([]);
  });

  it('French texts use one term per concept', () => {
    const wrongTerms =
      /\bsession\b|\bbatch\b|\bprestataire\b|journal d’évènements|piste d’audit|\blogs?\b|\bcancell|\bpasserelle\b/i;
    expect(nonEmpty(texts).filter(([, text]) => wrongTerms.test(textWithoutPlaceholders(text)))).toEqual([]);
  });
});

describe('locale id terms', () => {
  it('Indonesian texts use one term per concept', () => {
    const wrongTerms = /\bsession\b|\bprovider\b|\bkumpulan\b|\baudit log\b|\bsetelan\b|\bfile\b/i;
    const texts = [...flattenMessages(indonesian)];
    expect(nonEmpty(texts).filter(([, text]) => wrongTerms.test(textWithoutPlaceholders(text)))).toEqual([]);
  });
});

describe('pluralRules', () => {
  it.each([
    ['en', [0, 1, 2, 1_000_000], [1, 0, 1, 1]],
    ['fr-CA', [0, 1, 2, 1_000_000], [0, 0, 1, 1]],
    ['id', [0, 1, 2, 1_000_000], [0, 0, 0, 0]],
  ] as const)('a count selects the plural form of the grammar in %s', (language, counts, expected) => {
    expect(counts.map((count) => pluralRules[language](count, language === 'id' ? 1 : 2))).toEqual(expected);
  });

  it('a count of zero selects its own form if the text has one form more than the grammar', () => {
    expect([0, 1, 2].map((count) => pluralRules.en(count, 3))).toEqual([0, 1, 2]);
    expect([0, 1, 2].map((count) => pluralRules['fr-CA'](count, 3))).toEqual([0, 1, 2]);
    expect([0, 1, 2].map((count) => pluralRules.id(count, 2))).toEqual([0, 1, 1]);
  });
});

describe('system language', () => {
  it.each([
    [['fr-FR', 'en'], 'fr-CA'],
    [['de-DE', 'id-ID'], 'id'],
    [['en-GB', 'fr'], 'en'],
    [['FR'], 'fr-CA'],
    [['de'], 'en'],
    [[], 'en'],
  ] as const)('systemLanguage: preferred languages %s select %s', (preferred, language) => {
    expect(systemLanguage(preferred)).toBe(language);
  });

  it('languageNames: every language has a name', () => {
    expect(Object.keys(languageNames)).toEqual([...languages]);
  });
});

describe('localizeMessage', () => {
  const fakeDocument = { documentElement: { lang: '' } };
  const unexpected = createMessage('app.unexpected', { id: 'a1b2' });

  it('a message is shown with its own text in English and with its translation in other languages', async () => {
    Object.assign(globalThis, { document: fakeDocument });
    const shown = withLocalizedMessage(unexpected);
    expect(shown.message).toBe(unexpected.message);
    await setLanguage('fr-CA');
    expect(fakeDocument.documentElement.lang).toBe('fr-CA');
    expect(shown.message).toBe(french.message.app.unexpected.replace('{id}', 'a1b2'));
    await Promise.all([setLanguage('id'), setLanguage('en')]);
    expect(i18n.global.locale.value).toBe('en');
    expect(shown.message).toBe(unexpected.message);
  });

  it('a message without a translation is shown with its own text', async () => {
    Object.assign(globalThis, { document: fakeDocument });
    await setLanguage('fr-CA');
    expect(localizeMessage(createMessage('app.verbatim', { text: 'Page 3: no id.' }))).toBe('Page 3: no id.');
    await setLanguage('en');
  });
});

describe('renderer source', () => {
  const root = fileURLToPath(new URL('../../../src-renderer', import.meta.url));
  const scripts = nonEmpty(readdirSync(root, { recursive: true, encoding: 'utf8' }))
    .filter((path) => /\.(vue|ts)$/.test(path) && !path.includes('design'))
    .map((path) => [path, readFileSync(join(root, path), 'utf8')] as const)
    .map(
      ([path, text]) =>
        [path, path.endsWith('.vue') ? (/<script[^>]*>([\s\S]*?)<\/script>/.exec(text)?.[1] ?? '') : text] as const,
    );

  /**
   * String literals that contain words, except in `new Error()`, which no operator sees. ESLint checks the templates.
   */
  function findSentences(path: string, script: string): string[] {
    const sentences: string[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isImportDeclaration(node) || (ts.isNewExpression(node) && node.expression.getText() === 'Error')) return;
      const isText = ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node);
      if (isText && /\p{L}{2,} \p{L}{2,}/u.test(node.text)) sentences.push(`${path}: ${node.text}`);
      ts.forEachChild(node, visit);
    };
    visit(ts.createSourceFile(`${path}.ts`, script, ts.ScriptTarget.Latest, true));
    return sentences;
  }

  it('the scripts of the renderer contain no sentences: texts are in the locales', () => {
    const allowed = [
      'i18n.ts: Bahasa Indonesia',
      'stores/imports.ts: The file cannot be read.',
      // A command.
      'views/audit/ExportAuditDialog.vue: npm run verify-audit -- "',
    ];
    expect(
      scripts.flatMap(([path, script]) => findSentences(path, script)).filter((each) => !allowed.includes(each)),
    ).toEqual([]);
  });

  it('findSentences: a sentence in a script is found', () => {
    expect(findSentences('x.ts', 'say(`Deleted ${count} old sessions`); throw new Error("not for people");')).toEqual([
      'x.ts:  old sessions',
    ]);
  });
});
