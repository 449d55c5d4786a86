import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';

const script = fileURLToPath(new URL('../../../src-main/hosts/require-node.js', import.meta.url));

/** Runs the check in a project that requires a version of Node. */
function runCheck(required: string): { readonly status: number | null; readonly output: string } {
  const project = mkdtempSync(join(tmpdir(), 'require-node-'));
  onTestFinished(() => rmSync(project, { recursive: true, force: true }));
  const copy = join(project, 'src-main', 'hosts', 'require-node.js');
  mkdirSync(join(project, 'src-main', 'hosts'), { recursive: true });
  copyFileSync(script, copy);
  writeFileSync(join(project, 'package.json'), JSON.stringify({ type: 'module', engines: { node: `>=${required}` } }));
  const { status, stdout, stderr } = spawnSync(process.execPath, [copy], { encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

it.each([`${major}.${minor}`, `${major}.0`, `${major - 1}.99`])(
  'require-node: succeeds if Node %s or newer is required',
  (required) => {
    expect(runCheck(required)).toEqual({ status: 0, output: '' });
  },
);

it.each([`${major}.${minor + 1}`, `${major + 1}.0`])(
  'require-node: if Node %s is required, fails with one line that names both versions and the fix',
  (required) => {
    const { status, output } = runCheck(required);
    expect(status).toBe(1);
    expect(output.split('\n')).toHaveLength(2);
    expect(output).toContain(`Node ${required} or newer`);
    expect(output).toContain(`Node ${process.versions.node}`);
    expect(output).toContain('https://nodejs.org');
  },
);
