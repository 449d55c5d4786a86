import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  startDelaySeconds,
  maxSessionsWithoutTypedCount,
  planValidityMinutes,
} from '../../../src-main/contract/index.ts';
import { commands, navigationKeys } from '../../../src-renderer/command-definitions.ts';
import { nonEmpty } from '../../support/non-empty.ts';

const resolveUrl = (path: string) => new URL(`../../../${path}`, import.meta.url);
const readme = readFileSync(resolveUrl('README.md'), 'utf8');
const usageSection = /\n## Using Session Desk\n([\s\S]*?)\n## /.exec(readme)?.[1] ?? '';
const usageText = usageSection.replaceAll(/<picture>[\s\S]*?<\/picture>|```[\s\S]*?```/g, '').replaceAll(/\s+/g, ' ');

/** Counts words outside of tables, pictures and blocks of code. */
function countWords(text: string): number {
  const prose = text.replaceAll(/<picture>[\s\S]*?<\/picture>|<img[^>]*>|```[\s\S]*?```|^\|.*$|\]\([^)]*\)/gm, ' ');
  return prose.split(/\s+/).filter((word) => word !== '').length;
}

/** The notation of command definitions: `Ctrl-A` is `Mod+A`. */
const toKeyHint = (key: string): string => ({ Delete: 'Del' })[key] ?? key.replace(/^Ctrl-/, 'Mod+');

describe('README', () => {
  it('README: each job has a screenshot in light and in dark with a description', () => {
    const source = /<source media="\(prefers-color-scheme: dark\)" srcset="(\S+)-dark\.png">/;
    const image = /<img src="(\S+)-light\.png" width="\d+" alt="([^"]{40,})">/;
    const screenshots = [...usageSection.matchAll(new RegExp(`${source.source}\\n\\s*${image.source}`, 'g'))];
    expect(screenshots).toHaveLength(3);
    for (const [, dark, light] of nonEmpty(screenshots)) expect(dark).toBe(light);
  });

  it('README: every file of resources/screenshots is used', () => {
    const files = readdirSync(resolveUrl('resources/screenshots')).map((file) => `resources/screenshots/${file}`);
    const used = new Set(readme.match(/resources\/screenshots\/[\w.-]+/g));
    expect(nonEmpty(files).filter((file) => !used.has(file))).toEqual([]);
  });

  it('README: the text outside of tables has about 900 words, and the three jobs fit on a page', () => {
    expect(countWords(readme)).toBeLessThan(1_000);
    expect(countWords(usageSection)).toBeLessThan(400);
  });

  it('README: the numbers are those of the code', () => {
    expect(usageText).toContain(`Above ${maxSessionsWithoutTypedCount} sessions`);
    expect(usageText).toContain(`A plan is valid for ${planValidityMinutes} minutes`);
    expect(usageText).toContain(`The batch starts after ${startDelaySeconds} seconds`);
  });

  it('README: the keys are those of the commands', () => {
    const keys = [...usageText.matchAll(/`((?:Ctrl-)?[A-Z]|[/?]|Delete|Enter|Esc|Space)`/g)];
    const named = new Set(keys.map(([, key = '']) => toKeyHint(key)));
    const known = [
      commands.searchSessions,
      commands.cancelSession,
      commands.addSession,
      commands.selectAll,
      commands.openPalette,
      commands.showShortcuts,
    ].map(({ shortcut }) => shortcut);
    expect(named).toEqual(
      new Set([...known, navigationKeys.list.open, navigationKeys.list.select, navigationKeys.dialog.closeDialog]),
    );
  });

  it('README: every npm script is named', () => {
    const { scripts } = JSON.parse(readFileSync(resolveUrl('package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const named = new Set([...readme.matchAll(/npm (?:run )?(?:-s )?([\w:-]+)/g)].map(([, name]) => name));
    expect(nonEmpty(Object.keys(scripts)).filter((name) => !named.has(name))).toEqual([]);
  });
});
