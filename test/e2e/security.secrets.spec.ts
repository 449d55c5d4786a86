/** Uses marked secrets in many actions and then searches for them in every place where they could remain. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { recordMessages } from '../support/message-recorder.ts';
import { sendCall } from './api-calls.ts';
import { expect, test } from './fixtures.ts';
import type { AppUnderTest } from './fixtures.ts';
import { addConnection, addSession, createSession, navigateTo } from './steps.ts';
import { nonEmpty } from '../support/non-empty.ts';

const heapFolder = mkdtempSync(join(tmpdir(), 'session-desk-heap-'));
const heapSignal = 'SIGUSR2';
test.use({
  appEnv: async ({ host }, use) => {
    await use(
      host === 'browser' ? { NODE_OPTIONS: `--heapsnapshot-signal=${heapSignal} --diagnostic-dir=${heapFolder}` } : {},
    );
  },
});
test.afterAll(() => rmSync(heapFolder, { recursive: true }));

/** A unique key: the keys of the simulator occur in the code of Session Desk, for practice. */
const wrongKey = 'xnd_development_wrong_marker_5e4d3c2b1a';

/** The secret and its encodings: base64 at each byte offset, URL-encoded, hex and reversed. */
function encodingsOf(secret: string): string[] {
  const backwards = (text: string) => [...text].reverse().join('');
  const base64 = [0, 1, 2].map((offset) =>
    Buffer.from('x'.repeat(offset) + secret)
      .toString('base64')
      .slice(offset === 0 ? 0 : 4, -4),
  );
  const hex = Buffer.from(secret).toString('hex');
  return [secret, encodeURIComponent(secret), ...base64, hex, backwards(secret), backwards(hex)];
}

/** Without a keychain the secret is kept in memory. This accepts it in the dialog. */
async function waitUntilConnected(page: Page, name: string): Promise<void> {
  const agreed = page.getByRole('dialog').getByRole('button', { name: 'Keep until Session Desk closes' });
  const connected = page.getByText(`${name} is connected.`, { exact: true });
  await expect(agreed.or(connected).first()).toBeVisible();
  if (await agreed.isVisible()) await agreed.click();
  await expect(connected).toBeVisible();
}

/** Arguments and environment of every process that uses this data folder. */
function readProcessesOf(dataFolder: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((id) => {
      try {
        const environment = readFileSync(`/proc/${id}/environ`, 'utf8');
        return environment.includes(dataFolder) ? [readFileSync(`/proc/${id}/cmdline`, 'utf8') + environment] : [];
      } catch {
        return [];
      }
    });
}

/** The text on the clipboard. */
async function readClipboard(appUnderTest: AppUnderTest): Promise<string[]> {
  if (appUnderTest.host === 'electron')
    return appUnderTest.electron.evaluate(async ({ clipboard }) => [await clipboard.readText()]);
  const { page } = appUnderTest;
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  return page.evaluate(async () => {
    const items = await navigator.clipboard.read();
    return Promise.all(items.flatMap((item) => item.types.map(async (type) => (await item.getType(type)).text())));
  });
}

/** The heap of the main process after a garbage collection. */
async function readHeapSnapshot(appUnderTest: AppUnderTest): Promise<string> {
  for (const name of readdirSync(heapFolder)) rmSync(join(heapFolder, name));
  const written = () =>
    readdirSync(heapFolder)
      .map((name) => readFileSync(join(heapFolder, name), 'latin1'))
      .find((text) => text.trimEnd().endsWith('}'));
  if (appUnderTest.host === 'browser') process.kill(appUnderTest.processId, heapSignal);
  else
    await appUnderTest.electron.evaluate(
      (_electron, file) => void process.getBuiltinModule('node:v8').writeHeapSnapshot(file),
      join(heapFolder, 'heap'),
    );
  await expect.poll(() => written() !== undefined).toBe(true);
  return written() ?? '';
}

// Verifies S-02, S-01, S-08.
test('secrets: a typed secret remains in no file, process, log, page or heap', async ({ app, simulator }) => {
  test.slow();
  const { page } = app;
  const inspector = await page.context().newCDPSession(page);
  const passed = await recordMessages(page, app.host === 'electron' ? app.electron : undefined);

  await addConnection(page, 'flinks', simulator);
  await waitUntilConnected(page, 'Flinks CA');
  await page.getByRole('button', { name: 'Test', exact: true }).click();
  await expect(page.getByText('The credential works.')).toBeVisible();
  await addConnection(page, 'xendit', simulator, { secret: wrongKey });
  await waitUntilConnected(page, 'Xendit ID');
  await page.getByRole('button', { name: 'Test', exact: true }).last().click();
  await expect(page.getByText('did not accept the credential').first()).toBeVisible();
  const first = await createSession(simulator, 'flinks');
  const second = await createSession(simulator, 'flinks');
  for (const session of [first, second]) await addSession(page, 'Flinks CA', session);
  const cancel = (sessionKey: number) =>
    sendCall(page, 'cancellations.request', { sessionKey, reason: { category: 'Customer asked' } });
  expect(await cancel(1)).toMatchObject({ ok: true, value: { state: 'cancelled' } });
  await simulator.control('setFaults', [
    { route: 'cancel', fault: 'server_error', sessionId: second.id },
    { route: 'read', fault: 'broken_json', sessionId: second.id },
  ]);
  expect(await cancel(2)).toMatchObject({ ok: true, value: { state: 'unknown' } });
  await sendCall(page, 'audit.export', { format: 'jsonl' });
  await sendCall(page, 'audit.export', { format: 'csv' });
  await sendCall(page, 'sessions.getDetails', { sessionKey: 1 });
  const planned = (await sendCall(page, 'batches.plan', { sessionKeys: [1, 2] })) as { value: { id: string } };
  await expect
    .poll(() => sendCall(page, 'batches.get', { batchId: planned.value.id }))
    .toMatchObject({ ok: true, value: { state: 'planned' } });
  const begun = (await sendCall(page, 'exports.start', { sessionKeys: [1, 2], format: 'csv', unmaskedIds: true })) as {
    value: { exportId: string };
  };
  expect(await sendCall(page, 'exports.wait', { exportId: begun.value.exportId })).toMatchObject({
    ok: true,
    value: { state: 'finished' },
  });
  const gathered = (await sendCall(page, 'diagnostics.collect', {})) as { value: { diagnosticsId: string } };
  expect(await sendCall(page, 'diagnostics.write', { diagnosticsId: gathered.value.diagnosticsId })).toMatchObject({
    ok: true,
  });
  await navigateTo(page, 'Sessions');
  const row = page.getByRole('row').nth(1);
  await row.hover();
  await row.getByRole('button', { name: 'Copy session ID' }).click();
  await expect(page.getByText(/^Copied\./)).toBeAttached();
  const copied = await readClipboard(app);
  await navigateTo(page, 'Settings');

  const running = process.platform === 'linux' ? readProcessesOf(app.dataFolder) : [];
  let memory = '';
  inspector.on('HeapProfiler.addHeapSnapshotChunk', ({ chunk }) => (memory += chunk));
  await inspector.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
  const stored = await page.evaluate(
    () => JSON.stringify({ ...localStorage, ...sessionStorage }) + document.documentElement.outerHTML,
  );
  const files = readdirSync(app.dataFolder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const kept = files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1'));
  const { toPage, fromPage } = await passed();
  // A secret is sent only by the form in which it was typed.
  const calls = fromPage.filter(({ call }) => call !== 'connections.add').map(({ sent }) => sent);
  const places = {
    memory: [memory, stored],
    messages: toPage,
    calls,
    files: kept,
    clipboard: copied,
    processes: running,
  };

  // Control: the search finds a public text in each place.
  expect(memory).toContain('Flinks CA');
  expect(toPage.some((text) => text.includes('"name":"Flinks CA"'))).toBe(true);
  expect(calls.some((text) => text.includes('Customer asked'))).toBe(true);
  expect(
    fromPage.some(
      ({ call, sent }) => call === 'connections.add' && sent.includes(simulator.credentials.flinks.clientSecret),
    ),
  ).toBe(true);
  expect([first.id, second.id]).toEqual(expect.arrayContaining([copied[0]]));
  expect(kept.some((text) => text.startsWith('PK') && text.includes('workspace.json'))).toBe(true);
  expect(kept.some((text) => text.includes(first.id))).toBe(true);
  if (process.platform === 'linux') expect(running.length).toBeGreaterThan(0);

  const { flinks, xendit } = simulator.credentials;
  const tokens = await simulator.control('listIssuedTokens');
  expect(tokens.length).toBeGreaterThan(0);
  const found: string[] = [];
  for (const secret of [flinks.clientSecret, xendit.secretKey, wrongKey, ...tokens]) {
    for (const form of encodingsOf(secret)) {
      for (const [place, texts] of Object.entries(places))
        if (texts.some((text) => text.includes(form))) found.push(`${secret.slice(0, 24)}… in ${place}`);
    }
  }
  expect([...new Set(found)]).toEqual([]);

  // Node's agent keeps the headers of the first request with the socket, which closes after 4 idle seconds
  // (`idleSocketMs`).
  if (process.platform !== 'win32')
    await expect(async () => {
      const heap = await readHeapSnapshot(app);
      expect(heap).toContain('Flinks CA');
      expect(nonEmpty(encodingsOf(wrongKey)).filter((form) => heap.includes(form))).toEqual([]);
    }).toPass({ timeout: 20_000 });
});
