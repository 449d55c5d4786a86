import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { openRegularFile, openRegularFileSync, readRegularFileSync } from '../../src-main/core/regular-file.ts';

const moduleUrl = new URL('../../src-main/core/regular-file.ts', import.meta.url).href;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'regular-file-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
});

const specialFiles: [string, (path: string) => void | Promise<void>][] = [
  ['a folder', (path) => mkdirSync(path)],
  ['a symbolic link to a file', (path) => (writeFileSync(`${path}.target`, 'x'), symlinkSync(`${path}.target`, path))],
  ['a symbolic link to a device', (path) => symlinkSync('/dev/zero', path)],
  [
    'a socket',
    async (path) => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(path, resolve));
      onTestFinished(() => void server.close());
    },
  ],
];

// Windows has no such files.
if (process.platform !== 'win32')
  describe('special files', () => {
    // Verifies F-12.
    it('openRegularFile: a named pipe without a writer is not opened, and nothing waits', () => {
      const path = join(folder, 'file');
      execFileSync('mkfifo', [path]);
      // In a child process, which can be ended if it waits.
      const script = `const { openRegularFile, openRegularFileSync } = await import(${JSON.stringify(moduleUrl)});
        console.log(openRegularFileSync(process.argv[1]), await openRegularFile(process.argv[1]));`;
      const child = ['--input-type=module-typescript', '--eval', script, path];
      expect(execFileSync(process.execPath, child, { encoding: 'utf8', timeout: 20_000 }).trim()).toBe('null null');
    }, 30_000);

    // Verifies F-12.
    it.each(specialFiles)('openRegularFile: %s is not opened, and nothing waits', async (_, create) => {
      const path = join(folder, 'file');
      await create(path);
      expect(await openRegularFile(path)).toBeNull();
      expect(openRegularFileSync(path)).toBeNull();
      expect(() => readRegularFileSync(path)).toThrow('is not a regular file');
    });

    // Only root can create a device.
    if (process.getuid?.() === 0)
      // Verifies F-12.
      it('openRegularFile: a device is not opened', async () => {
        const path = join(folder, 'zero');
        execFileSync('mknod', [path, 'c', '1', '5']);
        expect(await openRegularFile(path)).toBeNull();
        expect(openRegularFileSync(path)).toBeNull();
      });
  });

it('openRegularFile: a file is read, and a missing file is an error', async () => {
  const path = join(folder, 'file');
  writeFileSync(path, 'text');
  const handle = await openRegularFile(path);
  expect(await handle?.readFile('utf8')).toBe('text');
  await handle?.close();
  expect(readRegularFileSync(path)).toBe('text');
  await expect(openRegularFile(join(folder, 'missing'))).rejects.toMatchObject({ code: 'ENOENT' });
  expect(() => openRegularFileSync(join(folder, 'missing'))).toThrow('ENOENT');
});
