import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { writeFileAtomically } from '../../src-main/core/atomic-write.ts';

/** FAT file systems have no hard links. */
const fileSystem = vi.hoisted(() => ({ hasLinks: true }));
vi.mock('node:fs/promises', async (original) => {
  const actual = await original<typeof import('node:fs/promises')>();
  const rejectLink = () => Promise.reject(Object.assign(new Error('operation not permitted'), { code: 'EPERM' }));
  return {
    ...actual,
    link: (from: string, to: string) => (fileSystem.hasLinks ? actual.link(from, to) : rejectLink()),
  };
});

function createTempFile(): { folder: string; file: string } {
  const folder = mkdtempSync(join(tmpdir(), 'atomic-write-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return { folder, file: join(folder, 'export.csv') };
}

describe.each([true, false])('writeFileAtomically, with hard links: %s', (hasLinks) => {
  const write = (file: string, fill: (path: string) => void) => {
    fileSystem.hasLinks = hasLinks;
    return writeFileAtomically(file, (path) => Promise.resolve(fill(path)));
  };

  // Verifies F-04.
  it('the file appears under its name when it is complete', async () => {
    const { folder, file } = createTempFile();
    await write(file, (path) => {
      writeFileSync(path, 'complete', { flag: 'wx' });
      expect(readdirSync(folder)).not.toContain('export.csv');
    });
    expect(readdirSync(folder)).toEqual(['export.csv']);
    expect(readFileSync(file, 'utf8')).toBe('complete');
  });

  // Verifies F-02.
  it('a file that was created meanwhile is not overwritten', async () => {
    const { folder, file } = createTempFile();
    await expect(
      write(file, (path) => {
        writeFileSync(path, 'ours', { flag: 'wx' });
        writeFileSync(file, 'theirs');
      }),
    ).rejects.toMatchObject({ code: 'EEXIST' });
    expect(readFileSync(file, 'utf8')).toBe('theirs');
    expect(readdirSync(folder)).toEqual(['export.csv']);
  });

  // Verifies F-02, F-03.
  it('a symbolic link that was created meanwhile is not replaced or followed', async () => {
    const { folder, file } = createTempFile();
    const linkTarget = join(folder, 'target');
    await expect(
      write(file, (path) => {
        writeFileSync(path, 'ours', { flag: 'wx' });
        symlinkSync(linkTarget, file);
      }),
    ).rejects.toMatchObject({ code: 'EEXIST' });
    expect(readdirSync(folder)).toEqual(['export.csv']);
  });

  // Verifies F-04.
  it('a failed write leaves no file', async () => {
    const { folder, file } = createTempFile();
    await expect(
      write(file, (path) => {
        writeFileSync(path, 'half', { flag: 'wx' });
        throw new Error('The disk is full.');
      }),
    ).rejects.toThrow('full');
    expect(readdirSync(folder)).toEqual([]);
  });
});
