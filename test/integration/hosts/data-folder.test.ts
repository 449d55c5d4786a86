/** The files that the application writes, and the hosts that it connects to. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import {
  chmodSync,
  chownSync,
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
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createHttpClient } from '../../../src-main/core/providers/http.ts';
import { openInBrowser } from '../../../src-main/hosts/browser/open-browser.ts';
import { openLogger } from '../../../src-main/hosts/logger.ts';
import { writeWindowState } from '../../../src-main/hosts/electron/window-state.ts';
import { addConnections, openTestApp, reason, trackSession } from '../../support/app.ts';
import { spawnApp } from '../../support/spawn-app.ts';
import { spawnSimulator, type SpawnedSimulator } from '../../support/spawn-simulator.ts';
import { nonEmpty } from '../../support/non-empty.ts';

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

/** Cancels a session, exports, creates a backup and opens the practice workspace. */
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
  it('the data folder and all its files are accessible only to the user', async () => {
    const dataFolder = join(createTempFolder(), 'data');
    const previousUmask = process.umask(0o000);
    onTestFinished(() => void process.umask(previousUmask));
    await useAllFeatures(dataFolder);
    writeWindowState(join(dataFolder, 'placement.json'), {
      bounds: { x: 0, y: 0, width: 800, height: 600 },
      maximised: false,
      fullScreen: false,
    });
    expect((statSync(dataFolder).mode & 0o777).toString(8)).toBe('700');
    const modes = fileModes(dataFolder);
    expect(modes.length).toBeGreaterThan(10);
    for (const [path, kind, mode] of nonEmpty(modes))
      expect([path, mode]).toEqual([path, kind === 'folder' ? '700' : '600']);
  });

  // Verifies F-01.
  it('the modes of an existing data folder and workspace folder are changed to 0700', async () => {
    const dataFolder = createTempFolder();
    mkdirSync(join(dataFolder, 'work'));
    for (const folder of [dataFolder, join(dataFolder, 'work')]) chmodSync(folder, 0o755);
    const app = await openTestApp({ dataFolder });
    await app.close();
    for (const folder of [dataFolder, join(dataFolder, 'work')])
      expect((statSync(folder).mode & 0o777).toString(8)).toBe('700');
  });

  // Verifies F-01.
  it('folders that every user can change get the mode 0700 before they are used', async () => {
    const dataFolder = createTempFolder();
    chmodSync(dataFolder, 0o777);
    for (const name of ['work', 'work/exports', 'work/backups']) {
      mkdirSync(join(dataFolder, name));
      chmodSync(join(dataFolder, name), 0o777);
    }
    await useAllFeatures(dataFolder);
    expect((statSync(dataFolder).mode & 0o777).toString(8)).toBe('700');
    const folderModes = nonEmpty(fileModes(dataFolder)).filter(([, kind]) => kind === 'folder');
    expect(nonEmpty(folderModes).filter(([, , mode]) => mode !== '700')).toEqual([]);
  });

  // Verifies F-10.
  if (process.getuid?.() === 0)
    it('a data folder of another user is not used, and nothing is written to it', async () => {
      const dataFolder = createTempFolder();
      chmodSync(dataFolder, 0o777);
      chownSync(dataFolder, 65_534, 65_534);
      const opened: string[] = [];
      const logger = openLogger(dataFolder);
      const removePage = openInBrowser('http://127.0.0.1:1/open?code=x', dataFolder, (url) => void opened.push(url));
      const app = await openTestApp({ dataFolder, logger });
      onTestFinished(() => app.close());
      removePage();
      expect((await app.handlers['app.getState']({})).workspaceError).toMatchObject({
        code: 'folder_not_private',
        messageKey: 'maintenance.folderOfOtherUser',
        params: { folder: dataFolder, path: dataFolder },
      });
      expect(opened).toEqual([]);
      expect(readdirSync(dataFolder)).toEqual([]);
    });

  // Verifies F-12.
  if (process.platform !== 'win32')
    it('diagnostics do not wait for a named pipe in place of the log', async () => {
      const dataFolder = createTempFolder();
      execFileSync('mkfifo', [join(dataFolder, 'desk.log')]);
      // In a child process, which can be killed if it waits.
      const app = await spawnApp(dataFolder);
      onTestFinished(() => app.kill());
      const { files } = await app.call('diagnostics.collect', {});
      expect(files.find(({ name }) => name === 'desk.log')).toMatchObject({ bytes: 0, text: '' });
    });

  // Verifies F-12.
  it('diagnostics do not contain the target of a symbolic link in place of the log', async () => {
    const dataFolder = createTempFolder();
    const otherFile = join(createTempFolder(), 'other.log');
    writeFileSync(otherFile, 'a line of another file\n');
    symlinkSync(otherFile, join(dataFolder, 'desk.log'));
    const app = await openTestApp({ dataFolder });
    onTestFinished(() => app.close());
    const { files } = await app.handlers['diagnostics.collect']({});
    expect(files.find(({ name }) => name === 'desk.log')).toMatchObject({ text: '' });
  });

  // Verifies F-02.
  it('concurrent audit exports have unique names and are complete', async () => {
    const dataFolder = createTempFolder();
    const app = await openTestApp({ dataFolder });
    const files = await Promise.all(Array.from({ length: 5 }, () => app.handlers['audit.export']({ format: 'jsonl' })));
    await app.close();
    expect(new Set(files.map(({ file }) => file)).size).toBe(5);
    for (const { file, records } of nonEmpty(files))
      expect(readFileSync(file, 'utf8').trimEnd().split('\n')).toHaveLength(records + 2);
  });

  // Verifies F-03.
  it('the log is not written through a symbolic link', () => {
    const folder = createTempFolder();
    const linkTarget = join(createTempFolder(), 'target');
    writeFileSync(linkTarget, 'unchanged');
    symlinkSync(linkTarget, join(folder, 'desk.log'));
    openLogger(folder).info({}, 'A line that goes to standard error');
    expect(readFileSync(linkTarget, 'utf8')).toBe('unchanged');
  });

  // Verifies F-03, F-04.
  it('the window state is written atomically and not through a symbolic link', () => {
    const folder = createTempFolder();
    const file = join(folder, 'placement.json');
    const linkTarget = join(folder, 'target');
    writeFileSync(linkTarget, 'unchanged');
    symlinkSync(linkTarget, `${file}.new`);
    symlinkSync(linkTarget, file);
    writeWindowState(file, { bounds: { x: 0, y: 0, width: 800, height: 600 }, maximised: false, fullScreen: false });
    expect(readFileSync(linkTarget, 'utf8')).toBe('unchanged');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ maximised: false });
    expect(readdirSync(folder).sort()).toEqual(['placement.json', 'target']);
  });
});

// Verifies P-05.
it('network: the application connects only to the provider', async () => {
  let socketCount = 0;
  const connectedAddresses: string[] = [];
  const lookedUpNames = new Set<string>();
  const recordSocket = (message: unknown) => {
    const { socket } = message as { socket: Socket };
    socketCount += 1;
    socket.on('lookup', (_error: unknown, _address: unknown, _family: unknown, name: string) =>
      lookedUpNames.add(name),
    );
    socket.on('connect', () => connectedAddresses.push(`${socket.remoteAddress ?? ''}:${socket.remotePort ?? 0}`));
  };
  const { hostname, port } = new URL(simulator.url);
  subscribe('net.client.socket', recordSocket);
  try {
    await useAllFeatures(createTempFolder());
    expect([...lookedUpNames]).toEqual([]);
    // The application connects to an address. A lookup would be recorded, as this one is.
    const socket = connect(Number(port), 'localhost');
    await once(socket, 'connect');
    socket.destroy();
  } finally {
    unsubscribe('net.client.socket', recordSocket);
  }
  expect([...lookedUpNames]).toEqual(['localhost']);
  expect(connectedAddresses.length).toBeGreaterThan(1);
  // A socket without a connection would mean an attempt to reach another host.
  expect(connectedAddresses).toHaveLength(socketCount);
  expect([...new Set(connectedAddresses)]).toEqual([`${hostname}:${port}`]);
});

// Verifies S-07.
if (process.platform === 'linux')
  it('process-hardening: sets the core dump limit to 0', () => {
    const module = new URL('../../../src-main/hosts/process-hardening.ts', import.meta.url).href;
    const script = `import ${JSON.stringify(module)}; import { readFileSync } from 'node:fs';
    process.stdout.write(readFileSync('/proc/self/limits', 'utf8'));`;
    const limits = execFileSync(process.execPath, ['--input-type=module-typescript', '-e', script], {
      encoding: 'utf8',
    });
    expect(limits).toMatch(/^Max core file size +0 +0 +bytes/m);
  });

// Verifies S-06.
it('HTTP client: redirects are not followed, and http is rejected except for loopback', async () => {
  const redirectedRequests: string[] = [];
  const redirectTarget = createServer((request, response) => {
    redirectedRequests.push(request.url ?? '');
    response.end('{}');
  });
  const provider = createServer((_request, response) => {
    const { port } = redirectTarget.address() as AddressInfo;
    response.writeHead(307, { Location: `http://127.0.0.1:${port}/redirected` }).end();
  });
  for (const server of [redirectTarget, provider])
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const sendRequest = (baseUrl: string) =>
    createHttpClient({ connectTimeoutMs: 2_000, responseTimeoutMs: 2_000 }).send({
      connectionId: 'one',
      baseUrl,
      method: 'POST',
      path: '/cancel',
      headers: { authorization: 'Bearer t0ken' },
      signal: new AbortController().signal,
    });
  expect(await sendRequest(`http://127.0.0.1:${(provider.address() as AddressInfo).port}`)).toMatchObject({
    class: 'answered',
    httpStatus: 307,
  });
  expect(redirectedRequests).toEqual([]);
  expect(await sendRequest('http://192.0.2.1')).toMatchObject({ class: 'not_sent', detail: 'NOT_HTTPS' });
  for (const server of [redirectTarget, provider]) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});
