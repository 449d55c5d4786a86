import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { nonEmpty } from '../../support/non-empty.ts';

const projectFolder = fileURLToPath(new URL('../../../', import.meta.url));
const fixtureFolder = 'test/checks/fixtures';

interface Summary {
  readonly violations: readonly { readonly from: string; readonly rule: { readonly name: string } }[];
  readonly ruleSetUsed: { readonly forbidden: readonly { readonly name: string }[] };
}

/** Runs dependency-cruiser on the fixtures. Each fixture is named after the rule that it breaks. */
function runDependencyCruiser(): Summary {
  const text = execFileSync(
    process.execPath,
    [
      'node_modules/dependency-cruiser/bin/dependency-cruise.mjs',
      '--config',
      '.dependency-cruiser.js',
      '--output-type',
      'json',
      fixtureFolder,
    ],
    { cwd: projectFolder, env: { ...process.env, DEPCRUISE_ROOT: fixtureFolder }, encoding: 'utf8' },
  );
  return (JSON.parse(text) as { summary: Summary }).summary;
}

const { violations, ruleSetUsed } = runDependencyCruiser();
const rules = ruleSetUsed.forbidden.map((rule) => rule.name);

describe('dependency rules', () => {
  it.each(nonEmpty(rules))('the fixture breaks the rule %s', (rule) => {
    const files = violations.filter((violation) => violation.rule.name === rule).map(({ from }) => from);
    expect(files).toContainEqual(expect.stringMatching(new RegExp(`/${rule}\\.ts$`)));
  });

  it('allowed imports break no rule', () => {
    const fixtures = new Set([...rules, 'second-in-cycle']);
    const unexpected = nonEmpty(violations).filter(({ from }) => !fixtures.has(/([^/]+)\.ts$/.exec(from)?.[1] ?? ''));
    expect(unexpected).toEqual([]);
  });
});
