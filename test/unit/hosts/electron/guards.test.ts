/** That the window's guards are put up, and where: the modules of the window against an Electron that keeps what it is told. */
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { AppContext } from '../../../../src-main/hosts/electron/app-context.ts';
import { Locale } from '../../../../src-main/hosts/electron/locale.ts';
import type { ApiClient } from '../../../../src-main/contract/client.ts';
import * as electron from '../../../support/fake-electron.ts';
import { createStubApp, createMemoryLog, stubAppState } from '../../../support/stub-app.ts';

vi.mock('electron', () => import('../../../support/fake-electron.ts'));

const foreignUrls = [
  'https://evil.example/',
  'http://127.0.0.1:9/',
  'file:///etc/passwd',
  'about:blank',
  'javascript:alert(1)',
  'app://desk.evil.example/',
  'app://desk@evil.example/',
];
const ownUrls = ['app://desk/', 'app://desk/sessions/42'];
let program: AppContext;

async function startModules(): Promise<void> {
  const security = await import('../../../../src-main/hosts/electron/security.ts');
  const { appProtocol } = await import('../../../../src-main/hosts/electron/app-protocol.ts');
  const { mainWindow } = await import('../../../../src-main/hosts/electron/window.ts');
  const { ipc } = await import('../../../../src-main/hosts/electron/ipc.ts');
  await import('../../../../src-main/preload/preload.ts');
  program = {
    dataFolder: '/nowhere',
    log: createMemoryLog(),
    isDevelopment: false,
    pageOrigin: 'app://desk',
    locale: new Locale(() => []),
    pendingDeepLink: null,
    window: undefined,
    coreApp: Promise.resolve(createStubApp()),
  };
  for (const module of [
    security.sandbox,
    security.navigation,
    security.permissions,
    security.network,
    appProtocol,
    mainWindow,
    ipc,
  ]) {
    const ready = module(program);
    if (typeof ready === 'function') await ready();
  }
}

beforeAll(startModules);
const openedExternally = () => electron.recordedCalls.filter(([what]) => what === 'openExternal');

// Verifies E-03, E-04, E-02, E-06, E-08, E-09, E-10, E-11.
it('opens the window with the preferences of the policy and no other', async () => {
  const { createWebPreferences } = await import('../../../../src-main/hosts/electron/policy.ts');
  expect(electron.BrowserWindow.instances).toHaveLength(1);
  expect(electron.BrowserWindow.instances[0]?.options['webPreferences']).toEqual(
    createWebPreferences('/app/out/preload/preload.cjs', false),
  );
  expect(electron.BrowserWindow.instances[0]?.loadedUrls).toEqual(['app://desk/']);
});

// Verifies E-04.
it('puts every renderer into the sandbox of the system', () => {
  expect(electron.recordedCalls).toContainEqual(['enableSandbox']);
});

describe('whatever Chromium starts', () => {
  const contents = new electron.FakeWebContents();
  beforeAll(() => void electron.app.emit('web-contents-created', {}, contents));

  // Verifies E-13.
  it.each(['will-navigate', 'will-frame-navigate', 'will-redirect'])(
    'shows the console’s own page alone: %s',
    (event) => {
      for (const url of foreignUrls) expect(contents.emitPreventable(event, { url }), url).toBe(true);
      for (const url of ownUrls) expect(contents.emitPreventable(event, { url }), url).toBe(false);
    },
  );

  // Verifies E-14, E-15.
  it('opens no window, and hands no address to the system', () => {
    for (const url of [...foreignUrls, ...ownUrls])
      expect(contents.windowOpenHandler({ url }), url).toEqual({ action: 'deny' });
    expect(openedExternally()).toEqual([]);
  });

  // Verifies E-12.
  it('holds no webview', () => {
    expect(contents.emitPreventable('will-attach-webview')).toBe(true);
  });
});

// Verifies E-15.
it('hands an address to the system only where the list names its host', async () => {
  const { openExternal } = await import('../../../../src-main/hosts/electron/open-external.ts');
  for (const url of foreignUrls) openExternal(url, ['docs.example']);
  expect(openedExternally()).toEqual([]);
  openExternal('https://docs.example/cancel', ['docs.example']);
  expect(openedExternally()).toEqual([['openExternal', 'https://docs.example/cancel']]);
});

// Verifies E-05.
it('grants no permission and no device, but copying to its own page', () => {
  const { defaultSession } = electron.session;
  const asked = (permission: string, requestingUrl: string) => {
    let granted: boolean | undefined;
    defaultSession.permissionRequestHandler(null, permission, (answer) => (granted = answer), { requestingUrl });
    return [granted, defaultSession.permissionCheckHandler(null, permission, requestingUrl)];
  };
  for (const permission of [
    'media',
    'geolocation',
    'notifications',
    'midiSysex',
    'pointerLock',
    'fullscreen',
    'openExternal',
    'clipboard-read',
    'hid',
    'serial',
    'usb',
  ]) {
    expect(asked(permission, 'app://desk/'), permission).toEqual([false, false]);
  }
  expect(asked('clipboard-sanitized-write', 'app://desk/')).toEqual([true, true]);
  expect(asked('clipboard-sanitized-write', 'https://evil.example/')).toEqual([false, false]);
  expect(defaultSession.devicePermissionHandler()).toBe(false);
});

// Verifies E-01.
it('gives the window no network and no download', () => {
  const { defaultSession } = electron.session;
  for (const url of [
    'https://evil.example/x.js',
    'http://127.0.0.1:8080/',
    'ws://127.0.0.1/',
    'wss://evil.example/',
    'http://desk/',
  ]) {
    expect(defaultSession.allowsRequest(url), url).toBe(false);
  }
  for (const url of ['app://desk/assets/main.js', 'data:image/png;base64,AA=='])
    expect(defaultSession.allowsRequest(url), url).toBe(true);
  let prevented = false;
  defaultSession.emit('will-download', { preventDefault: () => (prevented = true) });
  expect(prevented).toBe(true);
});

// Verifies P-05.
it('has Chromium fetch no dictionary', () => {
  expect(electron.recordedCalls).toContainEqual(['setSpellCheckerLanguages', []]);
});

describe('the scheme of the console', () => {
  const ask = async (url: string, init?: RequestInit) =>
    electron.protocol.responders.get('app')?.(new Request(url, init));

  // Verifies E-18.
  it('is standard and secure, and passes by no policy', () => {
    expect(electron.protocol.schemes).toEqual([
      { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
    ]);
  });

  // Verifies E-18, E-07.
  it('answers to GET of its own host alone, with the policy in every answer', async () => {
    for (const [url, init] of [
      ['app://desk/', { method: 'POST' }],
      ['app://evil/', undefined],
      ['app://user@desk/', undefined],
    ] as const) {
      // A request with credentials in its address cannot even be made by a page.
      const answer = await ask(url, init).catch(() => undefined);
      expect(answer?.status ?? 403, url).toBe(403);
    }
    for (const url of ['app://desk/', 'app://desk/gone.js', 'app://desk/%2e%2e/%2e%2e/etc/passwd.json']) {
      const answer = await ask(url);
      expect(answer?.headers.get('content-security-policy'), url).toContain("default-src 'none'");
      expect(answer?.status, url).toBe(404);
    }
  });
});

describe('a call', () => {
  const from = (url: string | undefined, { main = true, ours = true, frame = true } = {}) => ({
    sender: { id: ours ? electron.BrowserWindow.instances[0]?.webContents.id : 0 },
    senderFrame: frame ? { url, parent: main ? null : {} } : null,
  });

  // Verifies E-17.
  it('is answered where it comes from our page in the main frame of our window', async () => {
    for (const url of ownUrls)
      expect(await electron.ipcMain.simulateInvoke('app:call', from(url), 'app.state', {}), url).toEqual({
        ok: true,
        value: stubAppState,
      });
  });

  // Verifies E-17.
  it('is refused from everywhere else', async () => {
    const senders = [
      ...foreignUrls.map((url) => from(url)),
      from(''),
      from(undefined),
      from('app://desk/', { main: false }),
      from('app://desk/', { ours: false }),
      from('app://desk/', { frame: false }),
    ];
    for (const sender of senders) {
      expect(
        await electron.ipcMain.simulateInvoke('app:call', sender, 'app.state', {}),
        JSON.stringify(sender),
      ).toMatchObject({
        ok: false,
        error: { code: 'untrusted_sender' },
      });
    }
  });

  // Verifies I-04.
  it('that comes too fast is refused, and the console goes on', async () => {
    const answers = await Promise.all(
      Array.from({ length: 3_000 }, () =>
        electron.ipcMain.simulateInvoke('app:call', from('app://desk/'), 'app.state', {}),
      ),
    );
    const codes = new Set(
      (answers as { ok: boolean; error?: { code: string } }[]).map(({ error }) => error?.code ?? 'answered'),
    );
    expect(codes).toEqual(new Set(['answered', 'too_many_calls']));
  });
});

describe('the page', () => {
  const client = () => electron.contextBridge.exposed.get('sessionDesk') as ApiClient;

  // Verifies E-20.
  it('is given two functions and nothing of Electron', () => {
    expect([...electron.contextBridge.exposed.keys()]).toEqual(['sessionDesk']);
    expect(Object.keys(client())).toEqual(['call', 'on']);
  });

  // Verifies E-20.
  it('hears the payload of an event and not the event of Electron', () => {
    const heard: unknown[][] = [];
    const end = client().on('audit.appended', (...all) => void heard.push(all));
    electron.ipcRenderer.emit('app:event', { sender: 'Electron' }, 'audit.appended', { lastSequence: 7 });
    electron.ipcRenderer.emit('app:event', { sender: 'Electron' }, 'feeds.changed', {});
    expect(heard).toEqual([[{ lastSequence: 7 }]]);
    end();
    electron.ipcRenderer.emit('app:event', { sender: 'Electron' }, 'audit.appended', { lastSequence: 8 });
    expect(heard).toHaveLength(1);
    for (let count = 0; count < 20; count += 1) client().on('audit.appended', () => undefined);
    expect(electron.ipcRenderer.listenerCount('app:event')).toBe(1);
  });

  // Verifies E-20.
  it('can call the one channel alone', async () => {
    await client().call('app.state', {});
    expect(electron.recordedCalls.filter(([what]) => what === 'invoke')).toEqual([
      ['invoke', 'app:call', 'app.state', {}],
    ]);
  });
});
