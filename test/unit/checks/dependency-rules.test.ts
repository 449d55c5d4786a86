import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const project = fileURLToPath(new URL('../../../', import.meta.url));
const fixtureFolder = 'test/checks/fixtures';

interface Summary {
  readonly violations: readonly { readonly from: string; readonly rule: { readonly name: string } }[];
  readonly ruleSetUsed: { readonly forbidden: readonly { readonly name: string }[] };
}

/** What dependency-cruiser finds in the house of wrong imports, where each file is named after the rule that it breaks. */
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
    { cwd: project, env: { ...process.env, DEPCRUISE_ROOT: fixtureFolder }, encoding: 'utf8' },
  );
  return (JSON.parse(text) as { summary: Summary }).summary;
}

const { violations: found, ruleSetUsed } = runDependencyCruiser();
const rules = ruleSetUsed.forbidden.map((rule) => rule.name);

it.each(rules)('a wrong import breaks the rule %s', (rule) => {
  expect(found.filter((violation) => violation.rule.name === rule).map(({ from }) => from)).toContainEqual(
    expect.stringMatching(new RegExp(`/${rule}\\.ts$`)),
  );
});

it('no import that is allowed breaks a rule', () => {
  const wrong = new Set([...rules, 'second-in-cycle']);
  const innocent = found.filter(({ from }) => !wrong.has(/([^/]+)\.ts$/.exec(from)?.[1] ?? ''));
  expect(innocent).toEqual([]);
});
