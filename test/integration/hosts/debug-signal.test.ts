/** Sends SIGUSR1, which starts Node's debugger, to real processes. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findListeningPorts } from '../../support/listening-ports.ts';

type EchoProcess = ChildProcessByStdio<Writable, Readable, Readable> & { readonly errorOutput: () => string };

const projectUrl = new URL('../../../', import.meta.url);
const startScript = (
  JSON.parse(readFileSync(new URL('package.json', projectUrl), 'utf8')) as {
    scripts: Record<string, string>;
  }
).scripts['start'];

/** A process that imports the modules and then returns each line that it receives. */
async function startEcho(flags: readonly string[], imports: string): Promise<EchoProcess> {
  const script = `${imports}process.stdin.pipe(process.stdout); process.stdout.write('started\\n');`;
  const child = spawn(process.execPath, [...flags, '--input-type=module-typescript', '--eval', script], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let errorOutput = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errorOutput += text));
  await once(child.stdout, 'data');
  return Object.assign(child, { errorOutput: () => errorOutput });
}

async function sendLine(child: EchoProcess): Promise<void> {
  child.stdin.write('line\n');
  await once(child.stdout, 'data');
}

const protections: [string, readonly string[], string][] = [
  [
    'the first module of both hosts',
    [],
    `import ${JSON.stringify(new URL('src-main/hosts/process-hardening.ts', projectUrl).href)};`,
  ],
  ['the option of npm start', startScript?.includes('node --disable-sigusr1 ') ? ['--disable-sigusr1'] : [], ''],
];

if (process.platform === 'linux')
  describe('SIGUSR1', () => {
    it('SIGUSR1: without protection, a process opens the port of a debugger', async () => {
      const child = await startEcho([], '');
      child.kill('SIGUSR1');
      await expect.poll(() => findListeningPorts(child.pid ?? 0), { timeout: 20_000 }).toHaveLength(1);
      await expect.poll(child.errorOutput).toContain('Debugger listening');
      child.kill('SIGKILL');
      await once(child, 'exit');
    });

    // Verifies S-14.
    it.each(protections)('SIGUSR1: with %s, a process opens no port and still runs', async (_, flags, imports) => {
      const child = await startEcho(flags, imports);
      for (let count = 0; count < 50; count += 1) {
        child.kill('SIGUSR1');
        await sendLine(child);
        expect(findListeningPorts(child.pid ?? 0)).toEqual([]);
      }
      expect(child.errorOutput()).not.toContain('Debugger');
      expect(child.exitCode).toBeNull();
    });

    // Verifies S-14.
    it.each(['src-main/hosts/start.ts', 'src-main/main.ts'])('SIGUSR1: %s imports the protection first', (file) => {
      const source = readFileSync(new URL(file, projectUrl), 'utf8');
      expect(/^import .*$/m.exec(source)?.[0]).toMatch(/^import '\.\/(hosts\/)?process-hardening\.ts';$/);
    });
  });
