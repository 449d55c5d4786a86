import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { writeFileAtomically } from '../../src-main/core/atomic-write.ts';

/** As on a stick with FAT on it: no file has two names. */
const disk = vi.hoisted(() => ({ hasLinks: true }));
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  const refuse = () => Promise.reject(Object.assign(new Error('operation not permitted'), { code: 'EPERM' }));
  return { ...real, link: (from: string, to: string) => (disk.hasLinks ? real.link(from, to) : refuse()) };
});

function createTempFile(): { folder: string; file: string } {
  const folder = mkdtempSync(join(tmpdir(), 'whole-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return { folder, file: join(folder, 'export.csv') };
}

describe.each([true, false])('a file for others, on a disk with second names: %s', (hasLinks) => {
  const write = (file: string, fill: (path: string) => void) => {
    disk.hasLinks = hasLinks;
    return writeFileAtomically(file, (path) => Promise.resolve(fill(path)));
  };

  // Verifies F-04.
  it('has its name once it is whole', async () => {
    const { folder, file } = createTempFile();
    await write(file, (path) => {
      writeFileSync(path, 'whole', { flag: 'wx' });
      expect(readdirSync(folder)).not.toContain('export.csv');
    });
    expect(readdirSync(folder)).toEqual(['export.csv']);
    expect(readFileSync(file, 'utf8')).toBe('whole');
  });

  // Verifies F-02.
  it('does not take the name of one that came meanwhile', async () => {
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
  it('does not take the place of a link either, and leaves alone where that leads', async () => {
    const { folder, file } = createTempFile();
    const elsewhere = join(folder, 'precious');
    await expect(
      write(file, (path) => {
        writeFileSync(path, 'ours', { flag: 'wx' });
        symlinkSync(elsewhere, file);
      }),
    ).rejects.toMatchObject({ code: 'EEXIST' });
    expect(readdirSync(folder)).toEqual(['export.csv']);
  });

  // Verifies F-04.
  it('that could not be written leaves nothing', async () => {
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
