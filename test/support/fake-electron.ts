/**
 * Electron's main process as far as the modules of the window touch it: it keeps what it is told, for tests to ask and to
 * play against. The end-to-end tests ask a real one; this one is there on every machine, and shows that a guard is put up
 * at all. In a test: `vi.mock('electron', () => import('…/fake-electron.ts'))`.
 */
import { EventEmitter } from 'node:events';

type BeforeRequestCallback = (answer: { cancel: boolean }) => void;

class FakeSession extends EventEmitter {
  permissionRequestHandler = (
    _contents: unknown,
    _permission: string,
    _decide: (granted: boolean) => void,
    _details: { requestingUrl: string },
  ): void => undefined;
  permissionCheckHandler = (_contents: unknown, _permission: string, _origin: string): boolean => true;
  devicePermissionHandler = (): boolean => true;
  beforeRequestListener:
    { urls: readonly string[]; ask: (details: { url: string }, settle: BeforeRequestCallback) => void } | undefined;
  readonly webRequest = {
    onBeforeRequest: (
      { urls }: { urls: readonly string[] },
      ask: (details: { url: string }, settle: BeforeRequestCallback) => void,
    ) => {
      this.beforeRequestListener = { urls, ask };
    },
  };

  setPermissionRequestHandler(handler: FakeSession['permissionRequestHandler']): void {
    this.permissionRequestHandler = handler;
  }

  setPermissionCheckHandler(handler: FakeSession['permissionCheckHandler']): void {
    this.permissionCheckHandler = handler;
  }

  setDevicePermissionHandler(handler: FakeSession['devicePermissionHandler']): void {
    this.devicePermissionHandler = handler;
  }

  setSpellCheckerLanguages(languages: readonly string[]): void {
    recordedCalls.push(['setSpellCheckerLanguages', languages]);
  }

  /** Whether the window would be let load from `url`; what no pattern matches is not asked about. */
  allowsRequest(url: string): boolean {
    const asked =
      this.beforeRequestListener?.urls.some((pattern) => new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(url)) ??
      false;
    let cancelled = false;
    if (asked) this.beforeRequestListener?.ask({ url }, ({ cancel }) => (cancelled = cancel));
    return !cancelled;
  }
}

export class FakeWebContents extends EventEmitter {
  readonly id = Math.random();
  windowOpenHandler: (details: { url: string }) => { action: string } = () => ({ action: 'allow' });
  readonly sentMessages: unknown[][] = [];
  loading = false;

  isLoading(): boolean {
    return this.loading;
  }

  send(...message: unknown[]): void {
    this.sentMessages.push(message);
  }

  setWindowOpenHandler(handler: FakeWebContents['windowOpenHandler']): void {
    this.windowOpenHandler = handler;
  }

  /** Plays an event of Electron that can be prevented; true where it was. */
  emitPreventable(event: string, facts: object = {}): boolean {
    let prevented = false;
    this.emit(event, { ...facts, preventDefault: () => (prevented = true) });
    return prevented;
  }
}

export class BrowserWindow extends EventEmitter {
  static readonly instances: BrowserWindow[] = [];
  readonly webContents = new FakeWebContents();
  readonly loadedUrls: string[] = [];
  readonly options: Readonly<Record<string, unknown>>;

  constructor(options: Readonly<Record<string, unknown>>) {
    super();
    this.options = options;
    BrowserWindow.instances.push(this);
  }

  loadURL(url: string): Promise<void> {
    this.loadedUrls.push(url);
    return Promise.resolve();
  }

  isDestroyed(): boolean {
    return false;
  }
}

const noop = () => undefined;
/** What was asked of Electron that leaves no other trace here. */
export const recordedCalls: unknown[][] = [];

export const app = Object.assign(new EventEmitter(), {
  enableSandbox: () => void recordedCalls.push(['enableSandbox']),
  commandLine: { hasSwitch: (_name: string) => false, appendSwitch: noop },
  setAsDefaultProtocolClient: (scheme: string) => void recordedCalls.push(['setAsDefaultProtocolClient', scheme]),
  getAppPath: () => '/app',
  getPath: () => '/user',
  getVersion: () => '0.0.0',
  exit: noop,
  isPackaged: true,
  whenReady: () => Promise.resolve(),
});
export const session = { defaultSession: new FakeSession() };
export const shell = { openExternal: (url: string) => Promise.resolve(void recordedCalls.push(['openExternal', url])) };
export const dialog = { showErrorBox: noop, showMessageBox: noop };
export const nativeTheme = { shouldUseDarkColors: false };
export const screen = { getAllDisplays: () => [] };

type InvokeHandler = (event: unknown, ...given: unknown[]) => Promise<unknown>;
const invokeHandlers = new Map<string, InvokeHandler>();
export const ipcMain = {
  handle: (channel: string, answerer: InvokeHandler) => void invokeHandlers.set(channel, answerer),
  /** Plays a message from a page. */
  simulateInvoke: (channel: string, event: unknown, ...given: unknown[]) =>
    invokeHandlers.get(channel)?.(event, ...given),
};

type ProtocolHandler = (request: Request) => Promise<Response>;
const registeredSchemes: { scheme: string; privileges: object }[] = [];
const protocolHandlers = new Map<string, ProtocolHandler>();
export const protocol = {
  registerSchemesAsPrivileged: (given: typeof registeredSchemes) => void registeredSchemes.push(...given),
  handle: (scheme: string, respond: ProtocolHandler) => void protocolHandlers.set(scheme, respond),
  schemes: registeredSchemes,
  responders: protocolHandlers,
};

const exposedValues = new Map<string, unknown>();
export const contextBridge = {
  exposeInMainWorld: (name: string, value: unknown) => void exposedValues.set(name, value),
  exposed: exposedValues,
};
export const ipcRenderer = Object.assign(new EventEmitter(), {
  invoke: (...message: unknown[]) => Promise.resolve(void recordedCalls.push(['invoke', ...message])),
});
