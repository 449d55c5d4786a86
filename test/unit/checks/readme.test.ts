/** What README says and shows is so: its pictures are there, and its keys, numbers and commands are those of the code. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  startDelaySeconds,
  maxSessionsWithoutTypedCount,
  planValidityMinutes,
} from '../../../src-main/contract/index.ts';
import { commands, navigationKeys } from '../../../src-renderer/composables/command-definitions.ts';

const resolveUrl = (path: string) => new URL(`../../../${path}`, import.meta.url);
const readme = readFileSync(resolveUrl('README.md'), 'utf8');
const usageSection = /\n## Using Session Desk\n([\s\S]*?)\n## /.exec(readme)?.[1] ?? '';
const usageText = usageSection.replaceAll(/<picture>[\s\S]*?<\/picture>|```[\s\S]*?```/g, '').replaceAll(/\s+/g, ' ');

/** As the console writes it: `Ctrl-A` is `Mod+A`. */
const toKeyHint = (key: string): string => ({ Delete: 'Del' })[key] ?? key.replace(/^Ctrl-/, 'Mod+');

describe('README', () => {
  it('shows each job in light and in dark, and describes what is to be seen', () => {
    const pictures = [
      ...usageSection.matchAll(
        /<source media="\(prefers-color-scheme: dark\)" srcset="(\S+)-dark\.png">\n\s*<img src="(\S+)-light\.png" width="\d+" alt="([^"]{40,})">/g,
      ),
    ];
    expect(pictures).toHaveLength(3);
    for (const [, dark, light] of pictures) expect(dark).toBe(light);
    const kept = readdirSync(resolveUrl('resources/screenshots')).map((file) => `resources/screenshots/${file}`);
    expect([...usageSection.matchAll(/resources\/[\w/.-]+/g)].map(([path]) => path).sort()).toEqual(kept.sort());
  });

  it('can be read in two minutes', () => {
    const count = usageText.split(' ').length;
    expect(count).toBeGreaterThan(200);
    expect(count).toBeLessThan(440);
  });

  it('gives the numbers that the code keeps to', () => {
    expect(usageText).toContain(`above ${maxSessionsWithoutTypedCount} sessions`);
    expect(usageText).toContain(`A plan holds for ${planValidityMinutes} minutes`);
    expect(usageText).toContain(`A confirmed batch waits ${startDelaySeconds} seconds to be called off`);
  });

  it('names the keys of what it speaks of', () => {
    const named = [...usageText.matchAll(/`([^` ]+)`/g)].map(([, key = '']) => toKeyHint(key));
    const known = [
      commands.searchSessions,
      commands.cancelSession,
      commands.addSession,
      commands.selectAll,
      commands.openPalette,
      commands.showShortcuts,
    ].map(({ shortcut }) => shortcut);
    expect(new Set(named)).toEqual(
      new Set([...known, navigationKeys.list.open, navigationKeys.list.select, navigationKeys.dialog.closeDialog]),
    );
  });

  it('names scripts that are there, and leaves none of them out', () => {
    const { scripts } = JSON.parse(readFileSync(resolveUrl('package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const named = new Set(
      [...readme.matchAll(/npm run (?:-s )?([\w-]+)|npm (start|test)|`(integration|e2e)`/g)].map(([, ...found]) =>
        found.find(Boolean),
      ),
    );
    expect([...named].sort()).toEqual(Object.keys(scripts).sort());
  });
});
