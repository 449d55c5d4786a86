import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { errorCode, issueAction } from '../../../src-main/contract/index.ts';
import * as messages from '../../../src-main/contract/messages/index.ts';
import { localizeMessage, withLocalizedMessage } from '../../../src-renderer/composables/error-messages.ts';
import { i18n, languageNames, languages, pluralRule, setLanguage, systemLanguage } from '../../../src-renderer/i18n.ts';
import type { Language } from '../../../src-renderer/i18n.ts';
import en from '../../../src-renderer/locales/en.json' with { type: 'json' };
import french from '../../../src-renderer/locales/fr-CA.json' with { type: 'json' };
import indonesian from '../../../src-renderer/locales/id.json' with { type: 'json' };
import { flattenMessages } from '../../support/locale-messages.ts';

const english = flattenMessages(en);
/** What the core says in English itself, and so stands in the other languages alone. */
const coreMessageKeys = /^(errors|issues)\./;
const others = [
  ['fr-CA', flattenMessages(french)],
  ['id', flattenMessages(indonesian)],
] as const;

/** Without the names that stand in every language. */
const textWithoutPlaceholders = (text: string): string =>
  text
    .replaceAll('Session Desk', '')
    .replaceAll(/\{\w+\}/g, '')
    .replaceAll(/\b(?:Session|the)-\w+/gi, '');
const pluralFormsOf = (text: string): string[] => text.split(' | ');
/** How many forms a message may have where English has one, two, or none-one-many. */
const forms: Record<Language, Record<number, number>> = {
  en: { 1: 1, 2: 2, 3: 3 },
  'fr-CA': { 1: 1, 2: 2, 3: 3 },
  id: { 1: 1, 2: 1, 3: 2 },
};
/** In alphabetical order and once each: a form for one may leave the number out. */
const placeholders = (text: string): string =>
  [...new Set([...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name))].sort().join();

describe.each(others)('the words in %s', (language, words) => {
  it('are those of English, none missing and none too many', () => {
    expect({
      missing: [...english.keys()].filter((key) => !words.has(key)),
      tooMany: [...words.keys()].filter((key) => !english.has(key) && !coreMessageKeys.test(key)),
    }).toEqual({ missing: [], tooMany: [] });
  });

  it('say something for every error and trouble', () => {
    const said = [...words.keys()].filter((key) => coreMessageKeys.test(key)).sort();
    expect(said).toEqual(
      [
        ...errorCode.options.map((code) => `errors.${code}`),
        ...issueAction.options.map((each) => `issues.${each}`),
      ].sort(),
    );
  });

  it('hold the same facts', () => {
    const shared = [...words].filter(([key]) => english.has(key));
    expect(
      shared.filter(([key, text]) => placeholders(text) !== placeholders(english.get(key) ?? '')).map(([key]) => key),
    ).toEqual([]);
  });

  it('have the forms of the language’s grammar', () => {
    const wrong = [...words].filter(
      ([key, text]) =>
        english.has(key) &&
        pluralFormsOf(text).length !== forms[language][pluralFormsOf(english.get(key) ?? '').length],
    );
    expect(wrong.map(([key]) => key)).toEqual([]);
  });

  it('are translated: only names and the provider’s own words stand as in English', () => {
    const names = new Set([
      'Session Desk',
      'Flinks Pay',
      'JSON Lines',
      'Back office',
      'Client secret',
      'API key',
      'Secret key',
    ]);
    const left = [...words].filter(
      ([key, text]) =>
        (text === english.get(key) && /\p{L}{3,} \p{L}{3,}/u.test(text) && !names.has(text)) ||
        /\b(?:the|cannot|please|session)\b/i.test(textWithoutPlaceholders(text)),
    );
    expect(left).toEqual([]);
  });
});

describe('the words in English', () => {
  it('have one form, one for one and one for more, or another for none before these', () => {
    expect([...english].filter(([, text]) => forms.en[pluralFormsOf(text).length] === undefined)).toEqual([]);
    expect([...english.keys()].filter((key) => coreMessageKeys.test(key))).toEqual([]);
  });
});

describe('the words in French', () => {
  const words = [...flattenMessages(french)];

  it('keep their punctuation with the word before it, and quote as French does', () => {
    const wrong = /[ \u00a0]["”“]|[“”"']| [:;!?%»]|« |[^\s\d\u202f][;!?](?=\s|$)|[^\s\d\u00a0{}][:»](?=\s|$)/u;
    expect(words.filter(([, text]) => wrong.test(text))).toEqual([]);
  });

  it('keep one word for each thing', () => {
    const strays =
      /\bsession\b|\bbatch\b|\bprestataire\b|journal d’évènements|piste d’audit|\blogs?\b|\bcancell|\bpasserelle\b/i;
    expect(words.filter(([, text]) => strays.test(textWithoutPlaceholders(text)))).toEqual([]);
  });
});

describe('the words in Indonesian', () => {
  it('keep one word for each thing', () => {
    const strays = /\bsession\b|\bprovider\b|\bkumpulan\b|\baudit log\b|\bsetelan\b|\bfile\b/i;
    expect([...flattenMessages(indonesian)].filter(([, text]) => strays.test(textWithoutPlaceholders(text)))).toEqual(
      [],
    );
  });
});

describe('a number chooses the form', () => {
  it.each([
    ['en', [0, 1, 2, 1_000_000], [1, 0, 1, 1]],
    ['fr-CA', [0, 1, 2, 1_000_000], [0, 0, 1, 1]],
    ['id', [0, 1, 2, 1_000_000], [0, 0, 0, 0]],
  ] as const)('in %s', (language, counts, expected) => {
    expect(counts.map((count) => pluralRule(language)(count, language === 'id' ? 1 : 2))).toEqual(expected);
  });

  it('and none has its own where there is one more than the grammar has', () => {
    expect([0, 1, 2].map((count) => pluralRule('en')(count, 3))).toEqual([0, 1, 2]);
    expect([0, 1, 2].map((count) => pluralRule('fr-CA')(count, 3))).toEqual([0, 1, 2]);
    expect([0, 1, 2].map((count) => pluralRule('id')(count, 2))).toEqual([0, 1, 1]);
  });
});

describe('the language', () => {
  it.each([
    [['fr-FR', 'en'], 'fr-CA'],
    [['de-DE', 'id-ID'], 'id'],
    [['en-GB', 'fr'], 'en'],
    [['FR'], 'fr-CA'],
    [['de'], 'en'],
    [[], 'en'],
  ] as const)('of a system that wants %s is %s', (wanted, language) => {
    expect(systemLanguage(wanted)).toBe(language);
  });

  it('has a name in itself', () => {
    expect(Object.keys(languageNames)).toEqual([...languages]);
  });
});

describe('a message of the main process', () => {
  const page = { documentElement: { lang: '' } };
  const pages = messages.createMessage('app.unexpected', { id: 'a1b2' });

  it('is shown in English with the text that it carries, and in other languages by its key', async () => {
    Object.assign(globalThis, { document: page });
    const shown = withLocalizedMessage(pages);
    expect(shown.message).toBe(pages.message);
    await setLanguage('fr-CA');
    expect(page.documentElement.lang).toBe('fr-CA');
    expect(shown.message).toBe(french.message.app.unexpected.replace('{id}', 'a1b2'));
    await Promise.all([setLanguage('id'), setLanguage('en')]);
    expect(i18n.global.locale.value).toBe('en');
    expect(shown.message).toBe(pages.message);
  });

  it('is shown as it is if it has no translation', async () => {
    Object.assign(globalThis, { document: page });
    await setLanguage('fr-CA');
    expect(localizeMessage(messages.createMessage('app.verbatim', { text: 'Page 3: no id.' }))).toBe('Page 3: no id.');
    await setLanguage('en');
  });
});

describe('the source of the screen', () => {
  const root = fileURLToPath(new URL('../../../src-renderer', import.meta.url));
  const scripts = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(vue|ts)$/.test(path) && !path.includes('design'))
    .map((path) => [path, readFileSync(join(root, path), 'utf8')] as const)
    .map(
      ([path, text]) =>
        [path, path.endsWith('.vue') ? (/<script[^>]*>([\s\S]*?)<\/script>/.exec(text)?.[1] ?? '') : text] as const,
    );

  /** Literals that read as words, other than in an error that no operator sees. The templates are lint's to watch. */
  function sentences(path: string, script: string): string[] {
    const found: string[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isImportDeclaration(node) || (ts.isNewExpression(node) && node.expression.getText() === 'Error')) return;
      const isText = ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node);
      if (isText && /\p{L}{2,} \p{L}{2,}/u.test(node.text)) found.push(`${path}: ${node.text}`);
      ts.forEachChild(node, visit);
    };
    visit(ts.createSourceFile(`${path}.ts`, script, ts.ScriptTarget.Latest, true));
    return found;
  }

  it('holds no sentence of its own', () => {
    const allowed = [
      'i18n.ts: Bahasa Indonesia',
      'composables/import-source.ts: The file cannot be read.',
      // A command, the same in every language.
      'views/audit/ExportAuditDialog.vue: npm run verify-audit -- "',
    ];
    expect(
      scripts.flatMap(([path, script]) => sentences(path, script)).filter((each) => !allowed.includes(each)),
    ).toEqual([]);
  });

  it('is read rightly: a sentence in it would be found', () => {
    expect(sentences('x.ts', 'say(`Deleted ${count} old sessions`); throw new Error("not for people");')).toEqual([
      'x.ts:  old sessions',
    ]);
  });
});
