/** What README says and shows is so: its pictures are there, and its keys, numbers and commands are those of the code. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { armedSeconds, mostWithoutCount, planLifeMinutes } from '../../../src-main/contract/index.ts';
import { acts, moves } from '../../../src-renderer/composables/command-definitions.ts';

const at = (path: string) => new URL(`../../../${path}`, import.meta.url);
const readme = readFileSync(at('README.md'), 'utf8');
const using = /\n## Using Session Desk\n([\s\S]*?)\n## /.exec(readme)?.[1] ?? '';
const words = using.replaceAll(/<picture>[\s\S]*?<\/picture>|```[\s\S]*?```/g, '').replaceAll(/\s+/g, ' ');

/** As the console writes it: `Ctrl-A` is `Mod+A`. */
const asPressed = (key: string): string => ({ Delete: 'Del' })[key] ?? key.replace(/^Ctrl-/, 'Mod+');

describe('README', () => {
  it('shows each job in light and in dark, and describes what is to be seen', () => {
    const pictures = [
      ...using.matchAll(
        /<source media="\(prefers-color-scheme: dark\)" srcset="(\S+)-dark\.png">\n\s*<img src="(\S+)-light\.png" width="\d+" alt="([^"]{40,})">/g,
      ),
    ];
    expect(pictures).toHaveLength(3);
    for (const [, dark, light] of pictures) expect(dark).toBe(light);
    const kept = readdirSync(at('resources/screenshots')).map((file) => `resources/screenshots/${file}`);
    expect([...using.matchAll(/resources\/[\w/.-]+/g)].map(([path]) => path).sort()).toEqual(kept.sort());
  });

  it('can be read in two minutes', () => {
    const count = words.split(' ').length;
    expect(count).toBeGreaterThan(200);
    expect(count).toBeLessThan(440);
  });

  it('gives the numbers that the code keeps to', () => {
    expect(words).toContain(`above ${mostWithoutCount} sessions`);
    expect(words).toContain(`A plan holds for ${planLifeMinutes} minutes`);
    expect(words).toContain(`A confirmed batch waits ${armedSeconds} seconds to be called off`);
  });

  it('names the keys of what it speaks of', () => {
    const named = [...words.matchAll(/`([^` ]+)`/g)].map(([, key = '']) => asPressed(key));
    const known = [
      acts.searchSessions,
      acts.cancelSession,
      acts.addSession,
      acts.selectAll,
      acts.openPalette,
      acts.showKeys,
    ].map(({ keys }) => keys);
    expect(new Set(named)).toEqual(new Set([...known, moves.list.open, moves.list.select, moves.dialog.keep]));
  });

  it('names scripts that are there, and leaves none of them out', () => {
    const { scripts } = JSON.parse(readFileSync(at('package.json'), 'utf8')) as { scripts: Record<string, string> };
    const named = new Set(
      [...readme.matchAll(/npm run (?:-s )?([\w-]+)|npm (start|test)|`(integration|e2e)`/g)].map(([, ...found]) =>
        found.find(Boolean),
      ),
    );
    expect([...named].sort()).toEqual(Object.keys(scripts).sort());
  });
});
