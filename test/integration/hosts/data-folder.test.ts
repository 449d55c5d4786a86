/** What a console leaves on the disk, and whom it calls. */
import { execFileSync } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createHttpClient } from '../../../src-main/core/providers/http.ts';
import { openLogger } from '../../../src-main/hosts/logger.ts';
import { writeWindowState } from '../../../src-main/hosts/electron/window-state.ts';
import { addConnections, openTestApp, reason, trackSession } from '../../support/app.ts';
import { spawnSimulator, type SpawnedSimulator } from '../../support/spawn-simulator.ts';

let simulator: SpawnedSimulator;
beforeAll(async () => {
  simulator = await spawnSimulator({ sessionCount: 200 });
});
afterAll(() => simulator.stop());

function createTempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'folder-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const fileModes = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).map((entry) => {
    const path = join(entry.parentPath, entry.name);
    return [
      path.slice(folder.length + 1),
      entry.isDirectory() ? 'folder' : 'file',
      (statSync(path).mode & 0o777).toString(8),
    ] as const;
  });

/** A day at the desk: a cancellation, exports, a backup, practice. */
async function useAllFeatures(dataFolder: string): Promise<void> {
  const app = await openTestApp({ dataFolder, logger: openLogger(dataFolder) });
  const { xendit } = await addConnections(app, simulator);
  const session = (await simulator.control('listSessions')).find(
    ({ account, connection, state, subAccount }) =>
      account === 'practice' && connection === 'xendit' && state === 'active' && subAccount === null,
  );
  if (session === undefined) throw new Error('The simulator has no session to cancel.');
  const { key: sessionKey } = await trackSession(app, xendit, session);
  await app.handlers['cancellations.request']({ sessionKey, reason });
  for (const format of ['csv', 'jsonl'] as const) {
    await app.handlers['audit.export']({ format });
    const { exportId } = await app.handlers['exports.start']({
      sessionKeys: [sessionKey],
      format,
      unmaskedIds: false,
    });
    await app.handlers['exports.wait']({ exportId });
  }
  await app.handlers['backups.create']({});
  await app.handlers['workspace.open']({ workspace: 'practice' });
  await app.close();
}

describe('the data folder', () => {
  // Verifies F-01.
  it('is for this user alone, with all that is in it', async () => {
    const dataFolder = join(createTempFolder(), 'data');
    const usual = process.umask(0o000);
    onTestFinished(() => void process.umask(usual));
    await useAllFeatures(dataFolder);
    writeWindowState(join(dataFolder, 'placement.json'), {
      bounds: { x: 0, y: 0, width: 800, height: 600 },
      maximised: false,
      fullScreen: false,
    });
    expect((statSync(dataFolder).mode & 0o777).toString(8)).toBe('700');
    const found = fileModes(dataFolder);
    expect(found.length).toBeGreaterThan(10);
    for (const [path, kind, mode] of found) expect([path, mode]).toEqual([path, kind === 'folder' ? '700' : '600']);
  });

  // Verifies F-01.
  it('is closed to others where it was open before', async () => {
    const dataFolder = createTempFolder();
    mkdirSync(join(dataFolder, 'work'));
    chmodSync(join(dataFolder, 'work'), 0o755);
    const app = await openTestApp({ dataFolder });
    await app.close();
    expect((statSync(join(dataFolder, 'work')).mode & 0o777).toString(8)).toBe('700');
  });

  // Verifies F-02.
  it('has two exports of one second under two names, both whole', async () => {
    const dataFolder = createTempFolder();
    const app = await openTestApp({ dataFolder });
    const files = await Promise.all(Array.from({ length: 5 }, () => app.handlers['audit.export']({ format: 'jsonl' })));
    await app.close();
    expect(new Set(files.map(({ file }) => file)).size).toBe(5);
    for (const { file, records } of files)
      expect(readFileSync(file, 'utf8').trimEnd().split('\n')).toHaveLength(records + 2);
  });

  // Verifies F-03.
  it('has no log written through a link', () => {
    const folder = createTempFolder();
    const elsewhere = join(createTempFolder(), 'precious');
    writeFileSync(elsewhere, 'precious');
    symlinkSync(elsewhere, join(folder, 'desk.log'));
    openLogger(folder).info({}, 'A line that goes to standard error');
    expect(readFileSync(elsewhere, 'utf8')).toBe('precious');
  });

  // Verifies F-03, F-04.
  it('has the window’s place put in at once and as a whole, and not through a link', () => {
    const folder = createTempFolder();
    const file = join(folder, 'placement.json');
    const elsewhere = join(folder, 'precious');
    writeFileSync(elsewhere, 'precious');
    symlinkSync(elsewhere, `${file}.new`);
    symlinkSync(elsewhere, file);
    writeWindowState(file, { bounds: { x: 0, y: 0, width: 800, height: 600 }, maximised: false, fullScreen: false });
    expect(readFileSync(elsewhere, 'utf8')).toBe('precious');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ maximised: false });
    expect(readdirSync(folder).sort()).toEqual(['placement.json', 'precious']);
  });
});

// Verifies P-05.
it('calls nobody but the provider', async () => {
  let begun = 0;
  const called: string[] = [];
  const names = new Set<string>();
  const note = (message: unknown) => {
    const { socket } = message as { socket: Socket };
    begun += 1;
    socket.on('lookup', (_error: unknown, _address: unknown, _family: unknown, name: string) => names.add(name));
    socket.on('connect', () => called.push(`${socket.remoteAddress ?? ''}:${socket.remotePort ?? 0}`));
  };
  subscribe('net.client.socket', note);
  try {
    await useAllFeatures(createTempFolder());
  } finally {
    unsubscribe('net.client.socket', note);
  }
  const { hostname, port } = new URL(simulator.url);
  expect(called.length).toBeGreaterThan(0);
  // One that never connected was meant for somebody else.
  expect(called).toHaveLength(begun);
  expect([...new Set(called)]).toEqual([`${hostname}:${port}`]);
  expect([...names].filter((name) => name !== hostname)).toEqual([]);
});

// Verifies S-07.
if (process.platform === 'linux')
  it('leaves no memory on the disk where it crashes', () => {
    const module = new URL('../../../src-main/hosts/core-dumps.ts', import.meta.url).href;
    const script = `import { disableCoreDumps } from ${JSON.stringify(module)}; import { readFileSync } from 'node:fs';
    disableCoreDumps(); process.stdout.write(readFileSync('/proc/self/limits', 'utf8'));`;
    const limits = execFileSync(process.execPath, ['--input-type=module-typescript', '-e', script], {
      encoding: 'utf8',
    });
    expect(limits).toMatch(/^Max core file size +0 +0 +bytes/m);
  });

// Verifies S-06.
it('follows no redirect, wherever it leads, and takes no secret over an open wire', async () => {
  const reached: string[] = [];
  const elsewhere = createServer((request, response) => {
    reached.push(request.url ?? '');
    response.end('{}');
  });
  const provider = createServer((_request, response) => {
    response.writeHead(307, { Location: `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/stolen` }).end();
  });
  for (const server of [elsewhere, provider])
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const ask = (baseUrl: string) =>
    createHttpClient({ connectTimeoutMs: 2_000, responseTimeoutMs: 2_000 }).send({
      connectionId: 'one',
      baseUrl,
      method: 'POST',
      path: '/cancel',
      headers: { authorization: 'Bearer t0ken' },
      signal: new AbortController().signal,
    });
  expect(await ask(`http://127.0.0.1:${(provider.address() as AddressInfo).port}`)).toMatchObject({
    class: 'answered',
    httpStatus: 307,
  });
  expect(reached).toEqual([]);
  expect(await ask('http://192.0.2.1')).toMatchObject({ class: 'not_sent', detail: 'NOT_HTTPS' });
  for (const server of [elsewhere, provider]) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});
