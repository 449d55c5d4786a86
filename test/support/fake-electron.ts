/**
 * Electron's main process as far as the modules of the window touch it: it keeps what it is told, for tests to ask and to
 * play against. The end-to-end tests ask a real one; this one is there on every machine, and shows that a guard is put up
 * at all. In a test: `vi.mock('electron', () => import('…/fake-electron.ts'))`.
 */
import { EventEmitter } from 'node:events';

type Settle = (answer: { cancel: boolean }) => void;

class FakeSession extends EventEmitter {
  permissionRequest = (
    _contents: unknown,
    _permission: string,
    _decide: (granted: boolean) => void,
    _details: { requestingUrl: string },
  ): void => undefined;
  permissionCheck = (_contents: unknown, _permission: string, _origin: string): boolean => true;
  devicePermission = (): boolean => true;
  beforeRequest: { urls: readonly string[]; ask: (details: { url: string }, settle: Settle) => void } | undefined;
  readonly webRequest = {
    onBeforeRequest: (
      { urls }: { urls: readonly string[] },
      ask: (details: { url: string }, settle: Settle) => void,
    ) => {
      this.beforeRequest = { urls, ask };
    },
  };

  setPermissionRequestHandler(handler: FakeSession['permissionRequest']): void {
    this.permissionRequest = handler;
  }

  setPermissionCheckHandler(handler: FakeSession['permissionCheck']): void {
    this.permissionCheck = handler;
  }

  setDevicePermissionHandler(handler: FakeSession['devicePermission']): void {
    this.devicePermission = handler;
  }

  setSpellCheckerLanguages(languages: readonly string[]): void {
    asked.push(['setSpellCheckerLanguages', languages]);
  }

  /** Whether the window would be let load from `url`; what no pattern matches is not asked about. */
  loads(url: string): boolean {
    const asked =
      this.beforeRequest?.urls.some((pattern) => new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(url)) ?? false;
    let cancelled = false;
    if (asked) this.beforeRequest?.ask({ url }, ({ cancel }) => (cancelled = cancel));
    return !cancelled;
  }
}

export class FakeContents extends EventEmitter {
  readonly id = Math.random();
  openHandler: (details: { url: string }) => { action: string } = () => ({ action: 'allow' });
  readonly sent: unknown[][] = [];
  loading = false;

  isLoading(): boolean {
    return this.loading;
  }

  send(...message: unknown[]): void {
    this.sent.push(message);
  }

  setWindowOpenHandler(handler: FakeContents['openHandler']): void {
    this.openHandler = handler;
  }

  /** Plays an event of Electron that can be prevented; true where it was. */
  prevents(event: string, facts: object = {}): boolean {
    let prevented = false;
    this.emit(event, { ...facts, preventDefault: () => (prevented = true) });
    return prevented;
  }
}

export class BrowserWindow extends EventEmitter {
  static readonly made: BrowserWindow[] = [];
  readonly webContents = new FakeContents();
  readonly loaded: string[] = [];
  readonly options: Readonly<Record<string, unknown>>;

  constructor(options: Readonly<Record<string, unknown>>) {
    super();
    this.options = options;
    BrowserWindow.made.push(this);
  }

  loadURL(url: string): Promise<void> {
    this.loaded.push(url);
    return Promise.resolve();
  }

  isDestroyed(): boolean {
    return false;
  }
}

const nothing = () => undefined;
/** What was asked of Electron that leaves no other trace here. */
export const asked: unknown[][] = [];

export const app = Object.assign(new EventEmitter(), {
  enableSandbox: () => void asked.push(['enableSandbox']),
  commandLine: { hasSwitch: (_name: string) => false, appendSwitch: nothing },
  setAsDefaultProtocolClient: (scheme: string) => void asked.push(['setAsDefaultProtocolClient', scheme]),
  getAppPath: () => '/app',
  getPath: () => '/user',
  getVersion: () => '0.0.0',
  exit: nothing,
  isPackaged: true,
  whenReady: () => Promise.resolve(),
});
export const session = { defaultSession: new FakeSession() };
export const shell = { openExternal: (url: string) => Promise.resolve(void asked.push(['openExternal', url])) };
export const dialog = { showErrorBox: nothing, showMessageBox: nothing };
export const nativeTheme = { shouldUseDarkColors: false };
export const screen = { getAllDisplays: () => [] };

type Answerer = (event: unknown, ...given: unknown[]) => Promise<unknown>;
const answerers = new Map<string, Answerer>();
export const ipcMain = {
  handle: (channel: string, answerer: Answerer) => void answerers.set(channel, answerer),
  /** Plays a message from a page. */
  play: (channel: string, event: unknown, ...given: unknown[]) => answerers.get(channel)?.(event, ...given),
};

type Respond = (request: Request) => Promise<Response>;
const schemes: { scheme: string; privileges: object }[] = [];
const responders = new Map<string, Respond>();
export const protocol = {
  registerSchemesAsPrivileged: (given: typeof schemes) => void schemes.push(...given),
  handle: (scheme: string, respond: Respond) => void responders.set(scheme, respond),
  schemes,
  responders,
};

const exposed = new Map<string, unknown>();
export const contextBridge = {
  exposeInMainWorld: (name: string, value: unknown) => void exposed.set(name, value),
  exposed,
};
export const ipcRenderer = Object.assign(new EventEmitter(), {
  invoke: (...message: unknown[]) => Promise.resolve(void asked.push(['invoke', ...message])),
});
