/**
 * A fake of Electron's main process API for unit tests of the Electron host. It records calls and lets tests emit
 * events. The end-to-end tests use a real Electron; the fake runs on every computer and shows that each guard is
 * installed. In a test: `vi.mock('electron', () => import('…/fake-electron.ts'))`.
 */
import { EventEmitter } from 'node:events';

type BeforeRequestCallback = (response: { cancel: boolean }) => void;
type BeforeRequestHandler = (details: { url: string }, respond: BeforeRequestCallback) => void;

class FakeSession extends EventEmitter {
  readonly partition: string;
  proxyConfig: object | undefined;
  spellCheckerLanguages: readonly string[] = ['en-US'];
  permissionRequestHandler = (
    _contents: unknown,
    _permission: string,
    _respond: (granted: boolean) => void,
    _details: { requestingUrl: string },
  ): void => undefined;
  permissionCheckHandler = (_contents: unknown, _permission: string, _origin: string): boolean => true;
  devicePermissionHandler = (): boolean => true;
  beforeRequestListener: { urls: readonly string[]; handler: BeforeRequestHandler } | undefined;

  constructor(partition: string) {
    super();
    this.partition = partition;
  }

  readonly webRequest = {
    onBeforeRequest: ({ urls }: { urls: readonly string[] }, handler: BeforeRequestHandler) => {
      this.beforeRequestListener = { urls, handler };
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

  setProxy(config: object): Promise<void> {
    this.proxyConfig = config;
    return Promise.resolve();
  }

  resolveProxy(url: string): Promise<string> {
    return Promise.resolve(`PROXY ${this.partition}:${new URL(url).port}`);
  }

  setSpellCheckerLanguages(languages: readonly string[]): void {
    this.spellCheckerLanguages = languages;
  }

  /** Whether the window may load `url`. Electron does not call the listener for URLs that match no pattern. */
  allowsRequest(url: string): boolean {
    const isMatched =
      this.beforeRequestListener?.urls.some((pattern) => new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(url)) ??
      false;
    let isCancelled = false;
    if (isMatched) this.beforeRequestListener?.handler({ url }, ({ cancel }) => (isCancelled = cancel));
    return !isCancelled;
  }
}

export class FakeWebContents extends EventEmitter {
  readonly id = Math.random();
  windowOpenHandler: (details: { url: string }) => { action: string } = () => ({ action: 'allow' });
  readonly sentMessages: unknown[][] = [];
  webRtcIpHandlingPolicy = 'default';
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

  setWebRTCIPHandlingPolicy(policy: string): void {
    this.webRtcIpHandlingPolicy = policy;
  }

  /** Emits an event and returns whether a listener called preventDefault. */
  emitPreventable(event: string, fields: object = {}): boolean {
    let isPrevented = false;
    this.emit(event, { ...fields, preventDefault: () => (isPrevented = true) });
    return isPrevented;
  }
}

export class BrowserWindow extends EventEmitter {
  static readonly instances: BrowserWindow[] = [];
  readonly webContents = new FakeWebContents();
  readonly loadedUrls: string[] = [];
  isContentProtected = false;
  readonly options: Readonly<Record<string, unknown>>;

  constructor(options: Readonly<Record<string, unknown>>) {
    super();
    this.options = options;
    BrowserWindow.instances.push(this);
  }

  static getAllWindows(): readonly BrowserWindow[] {
    return BrowserWindow.instances;
  }

  setContentProtection(isEnabled: boolean): void {
    this.isContentProtected = isEnabled;
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
/** Calls of Electron functions that the fake has no other state for. */
export const recordedCalls: unknown[][] = [];

export const app = Object.assign(new EventEmitter(), {
  enableSandbox: () => void recordedCalls.push(['enableSandbox']),
  commandLine: {
    hasSwitch: (_name: string) => false,
    appendSwitch: (...args: unknown[]) => void recordedCalls.push(['appendSwitch', ...args]),
  },
  setAsDefaultProtocolClient: (scheme: string) => void recordedCalls.push(['setAsDefaultProtocolClient', scheme]),
  getAppPath: () => '/app',
  getPath: () => '/user',
  getVersion: () => '0.0.0',
  exit: noop,
  isPackaged: true,
  whenReady: () => Promise.resolve(),
});
const partitions = new Map<string, FakeSession>();
export const session = {
  defaultSession: new FakeSession('default'),
  fromPartition(name: string): FakeSession {
    const existing = partitions.get(name);
    if (existing !== undefined) return existing;
    const created = new FakeSession(name);
    partitions.set(name, created);
    app.emit('session-created', created);
    return created;
  },
};
export const shell = { openExternal: (url: string) => Promise.resolve(void recordedCalls.push(['openExternal', url])) };
interface MessageBox {
  readonly message: string;
  readonly detail: string;
  readonly buttons: readonly string[];
  readonly defaultId: number;
  readonly cancelId: number;
}
/** Message boxes that wait for an answer. `answer` takes the index of the button. */
export const openMessageBoxes: { readonly box: MessageBox; answer(response: number): void }[] = [];
/** The clipboard of the system. */
export const clipboard = { readText: () => Promise.resolve(''), clear: noop };
export const dialog = {
  showErrorBox: noop,
  showMessageBox: (_window: unknown, box: MessageBox) =>
    new Promise<{ response: number }>((resolve) =>
      openMessageBoxes.push({ box, answer: (response) => resolve({ response }) }),
    ),
};
export const nativeTheme = { shouldUseDarkColors: false };
export const screen = { getAllDisplays: () => [] };

type InvokeHandler = (event: unknown, ...args: unknown[]) => Promise<unknown>;
const invokeHandlers = new Map<string, InvokeHandler>();
export const ipcMain = {
  handle: (channel: string, handler: InvokeHandler) => void invokeHandlers.set(channel, handler),
  /** Simulates `ipcRenderer.invoke` of a page. */
  simulateInvoke: (channel: string, event: unknown, ...args: unknown[]) =>
    invokeHandlers.get(channel)?.(event, ...args),
};

type ProtocolHandler = (request: Request) => Promise<Response>;
const registeredSchemes: { scheme: string; privileges: object }[] = [];
const protocolHandlers = new Map<string, ProtocolHandler>();
export const protocol = {
  registerSchemesAsPrivileged: (schemes: typeof registeredSchemes) => void registeredSchemes.push(...schemes),
  handle: (scheme: string, handler: ProtocolHandler) => void protocolHandlers.set(scheme, handler),
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
