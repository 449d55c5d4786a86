/** Checks that the modules of the Electron host install their guards, with a fake of Electron. */
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { callLimits, tooManyCalls } from '../../../../src-main/contract/call-limiter.ts';
import type { AppContext } from '../../../../src-main/hosts/electron/app-context.ts';
import { ClipboardExpiry } from '../../../../src-main/hosts/electron/clipboard-expiry.ts';
import { Locale } from '../../../../src-main/hosts/electron/locale.ts';
import type { ApiClient } from '../../../../src-main/contract/events.ts';
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
let context: AppContext;

async function startModules(): Promise<void> {
  // Test files of one worker share the fake.
  electron.BrowserWindow.instances.splice(0);
  electron.app.removeAllListeners();
  const security = await import('../../../../src-main/hosts/electron/security.ts');
  const { appProtocol } = await import('../../../../src-main/hosts/electron/window.ts');
  const { mainWindow } = await import('../../../../src-main/hosts/electron/window.ts');
  const { ipc } = await import('../../../../src-main/hosts/electron/ipc.ts');
  await import('../../../../src-main/preload/preload.ts');
  context = {
    dataFolder: '/nowhere',
    log: createMemoryLog(),
    isDevelopment: false,
    pageOrigin: 'app://desk',
    locale: new Locale(() => []),
    clipboardExpiry: new ClipboardExpiry({ readText: () => '', clear: () => undefined }),
    pendingDeepLink: null,
    window: undefined,
    coreApp: Promise.resolve(createStubApp()),
  };
  for (const module of [
    security.sandbox,
    security.navigation,
    security.webRtc,
    security.permissions,
    security.network,
    appProtocol,
    mainWindow,
    ipc,
  ]) {
    const ready = module(context);
    if (typeof ready === 'function') await ready();
  }
}

beforeAll(startModules);
const openedExternally = () => electron.recordedCalls.filter(([name]) => name === 'openExternal');

// Verifies E-03, E-04, E-02, E-06, E-08, E-09, E-10, E-11.
it('window: opens with the web preferences of the policy', async () => {
  const { createWebPreferences } = await import('../../../../src-main/hosts/electron/policy.ts');
  expect(electron.BrowserWindow.instances).toHaveLength(1);
  expect(electron.BrowserWindow.instances[0]?.options['webPreferences']).toEqual(
    createWebPreferences('/app/out/preload/preload.cjs', false),
  );
  expect(electron.BrowserWindow.instances[0]?.loadedUrls).toEqual(['app://desk/']);
});

// Verifies E-04.
it('sandbox: enableSandbox is called', () => {
  expect(electron.recordedCalls).toContainEqual(['enableSandbox']);
});

describe('web contents', () => {
  const contents = new electron.FakeWebContents();
  beforeAll(() => void electron.app.emit('web-contents-created', {}, contents));

  // Verifies E-13.
  it.each(['will-navigate', 'will-frame-navigate', 'will-redirect'])(
    'navigation to other origins is blocked: %s',
    (event) => {
      for (const url of foreignUrls) expect(contents.emitPreventable(event, { url }), url).toBe(true);
      for (const url of ownUrls) expect(contents.emitPreventable(event, { url }), url).toBe(false);
    },
  );

  // Verifies E-14, E-15.
  it('new windows are denied, and no address opens in the default browser', () => {
    for (const url of [...foreignUrls, ...ownUrls])
      expect(contents.windowOpenHandler({ url }), url).toEqual({ action: 'deny' });
    expect(openedExternally()).toEqual([]);
  });

  // Verifies E-12.
  it('attaching a webview is blocked', () => {
    expect(contents.emitPreventable('will-attach-webview')).toBe(true);
  });
});

// Verifies E-25.
it('WebRTC: all web contents use no UDP, and the proxy of the window does not exist', () => {
  const contents = new electron.FakeWebContents();
  electron.app.emit('web-contents-created', {}, contents);
  expect(contents.webRtcIpHandlingPolicy).toBe('disable_non_proxied_udp');
  expect(electron.session.defaultSession.proxyConfig).toEqual({
    mode: 'fixed_servers',
    proxyRules: '127.0.0.1:1',
    proxyBypassRules: '<-loopback>',
  });
});

// Verifies E-15.
it('openExternal: opens only addresses on allowed hosts', async () => {
  const { openExternal } = await import('../../../../src-main/hosts/electron/security.ts');
  for (const url of foreignUrls) openExternal(url, ['docs.example']);
  expect(openedExternally()).toEqual([]);
  openExternal('https://docs.example/cancel', ['docs.example']);
  expect(openedExternally()).toEqual([['openExternal', 'https://docs.example/cancel']]);
});

// Verifies E-05.
it('permissions: all permissions and devices are denied, except writing to the clipboard', () => {
  const { defaultSession } = electron.session;
  const requestPermission = (permission: string, requestingUrl: string) => {
    let isGranted: boolean | undefined;
    defaultSession.permissionRequestHandler(null, permission, (granted) => (isGranted = granted), { requestingUrl });
    return [isGranted, defaultSession.permissionCheckHandler(null, permission, requestingUrl)];
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
    expect(requestPermission(permission, 'app://desk/'), permission).toEqual([false, false]);
  }
  expect(requestPermission('clipboard-sanitized-write', 'app://desk/')).toEqual([true, true]);
  expect(requestPermission('clipboard-sanitized-write', 'https://evil.example/')).toEqual([false, false]);
  expect(defaultSession.devicePermissionHandler()).toBe(false);
});

// Verifies E-01.
it('network: network requests and downloads are blocked', () => {
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
  let isPrevented = false;
  defaultSession.emit('will-download', { preventDefault: () => (isPrevented = true) });
  expect(isPrevented).toBe(true);
});

// Verifies P-05.
it('network: no session sends requests, also not to download dictionaries of the spell checker', () => {
  for (const target of [electron.session.defaultSession, electron.session.fromPartition('other')]) {
    expect(target.spellCheckerLanguages).toEqual([]);
    expect(target.allowsRequest('https://evil.example/')).toBe(false);
  }
});

// Verifies E-30.
it('network: Chromium resolves no host names that the page names in links', () => {
  expect(electron.recordedCalls).toContainEqual(['appendSwitch', 'blink-settings', 'dnsPrefetchingEnabled=false']);
});

describe('app protocol', () => {
  const sendRequest = async (url: string, init?: RequestInit) =>
    electron.protocol.responders.get('app')?.(new Request(url, init));

  // Verifies E-18.
  it('the scheme is standard and secure, and does not bypass the Content-Security-Policy', () => {
    expect(electron.protocol.schemes).toEqual([
      { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
    ]);
  });

  // Verifies E-18, E-07.
  it('only GET requests of app://desk are served, and every response has the security headers', async () => {
    for (const [url, init] of [
      ['app://desk/', { method: 'POST' }],
      ['app://evil/', undefined],
      ['app://user@desk/', undefined],
    ] as const) {
      // The Request constructor throws for a URL with credentials.
      const response = await sendRequest(url, init).catch(() => undefined);
      expect(response?.status ?? 403, url).toBe(403);
    }
    for (const url of ['app://desk/', 'app://desk/gone.js', 'app://desk/%2e%2e/%2e%2e/etc/passwd.json']) {
      const response = await sendRequest(url);
      expect(response?.headers.get('content-security-policy'), url).toContain("default-src 'none'");
      expect(response?.status, url).toBe(404);
    }
  });
});

describe('IPC calls', () => {
  const senderEvent = (url: string | undefined, { isMainFrame = true, isAppWindow = true, hasFrame = true } = {}) => ({
    sender: { id: isAppWindow ? electron.BrowserWindow.instances[0]?.webContents.id : 0 },
    senderFrame: hasFrame ? { url, parent: isMainFrame ? null : {} } : null,
  });

  // Verifies E-17.
  it('a call from the app page in the main frame of the app window is processed', async () => {
    for (const url of ownUrls)
      expect(await electron.ipcMain.simulateInvoke('app:call', senderEvent(url), 'app.getState', {}), url).toEqual({
        ok: true,
        value: stubAppState,
      });
  });

  // Verifies E-17.
  it('a call from any other sender is rejected', async () => {
    const senders = [
      ...foreignUrls.map((url) => senderEvent(url)),
      senderEvent(''),
      senderEvent(undefined),
      senderEvent('app://desk/', { isMainFrame: false }),
      senderEvent('app://desk/', { isAppWindow: false }),
      senderEvent('app://desk/', { hasFrame: false }),
    ];
    for (const sender of senders) {
      expect(
        await electron.ipcMain.simulateInvoke('app:call', sender, 'app.getState', {}),
        JSON.stringify(sender),
      ).toMatchObject({
        ok: false,
        error: { code: 'untrusted_sender' },
      });
    }
  });

  it('the language of the page becomes the language of native texts, and other languages are rejected', async () => {
    const setLanguage = (input: unknown) =>
      electron.ipcMain.simulateInvoke('app:call', senderEvent('app://desk/'), 'app.setLanguage', input);
    const fileLabels: string[] = [];
    context.locale.onChange(() => fileLabels.push(context.locale.texts.native.menu.file));
    for (const language of ['fr-CA', 'id', 'en'])
      expect(await setLanguage({ language })).toEqual({ ok: true, value: {} });
    for (const language of ['fr', 'EN', 'de', '', null, ['en'], { toString: () => 'en' }, '__proto__', undefined]) {
      expect(await setLanguage({ language })).toMatchObject({ ok: false, error: { code: 'invalid_input' } });
    }
    expect(fileLabels).toEqual(['Fichier', 'Berkas', 'File']);
  });

  it('a text that the page has copied expires', async () => {
    const start = vi.spyOn(context.clipboardExpiry, 'start');
    await electron.ipcMain.simulateInvoke('app:call', senderEvent('app://desk/'), 'app.expireClipboard', {
      text: 'ps-1',
    });
    expect(start.mock.calls).toEqual([['ps-1']]);
  });

  // Verifies I-04.
  it('calls above the rate limit are rejected, and the others are processed', async () => {
    const envelopes = await Promise.all(
      Array.from({ length: 3_000 }, () =>
        electron.ipcMain.simulateInvoke('app:call', senderEvent('app://desk/'), 'app.getState', {}),
      ),
    );
    const codes = new Set(
      (envelopes as { ok: boolean; error?: { code: string } }[]).map(({ error }) => error?.code ?? 'answered'),
    );
    expect(codes).toEqual(new Set(['answered', 'too_many_calls']));
  });
});

describe('preload', () => {
  const client = () => electron.contextBridge.exposed.get('sessionDesk') as ApiClient;

  // Verifies E-20.
  it('the page gets two functions and no Electron API', () => {
    expect([...electron.contextBridge.exposed.keys()]).toEqual(['sessionDesk']);
    expect(Object.keys(client())).toEqual(['call', 'on']);
  });

  // Verifies E-20.
  it('listeners get the payload of an event, but not the IPC event', () => {
    const received: unknown[][] = [];
    const unsubscribe = client().on('audit.appended', (...args) => void received.push(args));
    electron.ipcRenderer.emit('app:event', { sender: 'Electron' }, 'audit.appended', { lastSequence: 7 });
    electron.ipcRenderer.emit('app:event', { sender: 'Electron' }, 'feeds.changed', {});
    expect(received).toEqual([[{ lastSequence: 7 }]]);
    unsubscribe();
    electron.ipcRenderer.emit('app:event', { sender: 'Electron' }, 'audit.appended', { lastSequence: 8 });
    expect(received).toHaveLength(1);
    for (let count = 0; count < 20; count += 1) client().on('audit.appended', () => undefined);
    expect(electron.ipcRenderer.listenerCount('app:event')).toBe(1);
  });

  // Verifies E-20.
  it('calls use only the channel of the contract', async () => {
    await client().call('app.getState', {});
    expect(electron.recordedCalls.filter(([name]) => name === 'invoke')).toEqual([
      ['invoke', 'app:call', 'app.getState', {}],
    ]);
  });

  // Verifies I-04.
  it('a flood of calls does not reach the main process: calls above the limits are rejected in the page', async () => {
    const countInvokes = () => electron.recordedCalls.filter(([name]) => name === 'invoke').length;
    const before = countInvokes();
    const results = await Promise.all(Array.from({ length: 20_000 }, () => client().call('app.getState', {})));
    expect(countInvokes() - before).toBe(callLimits.maxPending);
    const rejected = results.filter((result) => (result as unknown) === tooManyCalls);
    expect(rejected).toHaveLength(20_000 - callLimits.maxPending);
  });
});
