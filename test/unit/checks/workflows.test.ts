import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { nonEmpty } from '../../support/non-empty.ts';

const folder = fileURLToPath(new URL('../../../.github/workflows/', import.meta.url));
const workflows = readdirSync(folder).map((name) => ({ name, text: readFileSync(`${folder}${name}`, 'utf8') }));

/** The references of all actions that a workflow uses. */
const findActions = (text: string): string[] =>
  [...text.matchAll(/^ *(?:- )?uses: *(.+)$/gm)].map(([, reference = '']) => reference);

/** A commit, and the version as a comment for the reader. */
const pinnedAction = /^[\w.-]+(?:\/[\w.-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/;

/** The text of each job by name. */
function findJobs(text: string): Map<string, string> {
  const jobs = text.slice(text.indexOf('\njobs:\n') + 7);
  return new Map(jobs.split(/^(?= {2}[\w-]+:$)/m).map((job) => [job.slice(2, job.indexOf(':')), job]));
}

describe('workflows', () => {
  // Verifies P-08.
  it('each action is pinned to a commit', () => {
    expect(workflows.map(({ name }) => name).sort()).toEqual(['ci.yml', 'security.yml']);
    for (const { name, text } of nonEmpty(workflows)) {
      const actions = findActions(text);
      expect(actions.length, name).toBe(text.match(/\buses:/g)?.length);
      expect(actions.length, name).toBeGreaterThan(4);
      expect(
        nonEmpty(actions).filter((action) => !pinnedAction.test(action)),
        name,
      ).toEqual([]);
    }
  });

  // Verifies P-08.
  it('each workflow starts without permissions or with read access, and each job of security.yml names its own', () => {
    const permissions = workflows.map(({ name, text }) => [name, /^permissions:((?: .*|\n {2}.*)+)$/m.exec(text)?.[1]]);
    expect(Object.fromEntries(permissions)).toEqual({ 'ci.yml': '\n  contents: read', 'security.yml': ' {}' });
    const jobs = findJobs(workflows.find(({ name }) => name === 'security.yml')?.text ?? '');
    const jobPermissions = [...jobs].map(([name, text]) => [
      name,
      /^ {4}permissions:\n((?: {6}.*\n)+)/m.exec(text)?.[1]?.trim().split(/\n */),
    ]);
    expect(Object.fromEntries(jobPermissions)).toEqual({
      codeql: ['contents: read', 'security-events: write'],
      'dependency-review': ['contents: read'],
      packages: ['contents: read'],
    });
  });

  // Verifies P-08.
  it('no workflow keeps the token in the clone, runs code of a fork with secrets, or puts input into a command', () => {
    for (const { name, text } of nonEmpty(workflows)) {
      const checkouts = text.match(/uses: actions\/checkout@/g)?.length ?? 0;
      expect(checkouts, name).toBeGreaterThan(0);
      expect(text.match(/persist-credentials: false/g), name).toHaveLength(checkouts);
      expect(text, name).not.toMatch(/pull_request_target|workflow_run|secrets\./);
      expect(text, name).not.toMatch(/run:.*\$\{\{/);
    }
  });

  it('CI runs CodeQL, a review of dependencies, and the check of signatures', () => {
    const text = workflows.find(({ name }) => name === 'security.yml')?.text ?? '';
    expect(text).toContain('languages: javascript-typescript');
    expect(text).toContain('actions/dependency-review-action@');
    expect(text).toContain('run: npm audit signatures');
  });
});
