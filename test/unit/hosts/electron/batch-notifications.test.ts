/** Tests of the notification module with a fake of Electron. */
import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Batch, EventName, EventPayload } from '../../../../src-main/contract/index.ts';
import { batchNotifications } from '../../../../src-main/hosts/electron/batch-notifications.ts';
import type { AppContext } from '../../../../src-main/hosts/electron/app-context.ts';
import { Locale } from '../../../../src-main/hosts/electron/locale.ts';
import { finishedBatchFields, fakeBatchConnection, fakeRunningBatch } from '../../../support/fake-batches.ts';
import { fakeConnection } from '../../../support/fake-api-client.ts';
import { fakeMessage } from '../../../support/fake-messages.ts';

const recorded = vi.hoisted(() => ({ calls: [] as unknown[][], response: 0, quitCount: 0 }));
vi.mock('electron', () => {
  class Notification {
    static isSupported = () => true;
    readonly #content: unknown;
    constructor(content: unknown) {
      this.#content = content;
    }
    on() {
      return this;
    }
    show() {
      recorded.calls.push(['notification', this.#content]);
    }
  }
  return {
    Notification,
    app: {
      quit: () => {
        recorded.quitCount += 1;
      },
    },
    dialog: {
      showMessageBox: (_window: unknown, { message, buttons }: { message: string; buttons: string[] }) => {
        recorded.calls.push(['prompt', message, ...buttons]);
        return Promise.resolve({ response: recorded.response });
      },
    },
    powerSaveBlocker: {
      start: (kind: string) => {
        recorded.calls.push(['startSleepBlocker', kind]);
        return 7;
      },
      stop: (id: number) => {
        recorded.calls.push(['stopSleepBlocker', id]);
      },
    },
  };
});

const runningBatch = fakeRunningBatch(12, [fakeConnection(1)]);
class FakeWindow extends EventEmitter {
  hasFocus = false;
  readonly progressCalls: unknown[][] = [];
  isFocused = () => this.hasFocus;
  setProgressBar = (...args: unknown[]) => void this.progressCalls.push(args);
  /** Emits `close` and returns whether a listener prevented it. */
  close(): boolean {
    let isPrevented = false;
    this.emit('close', { preventDefault: () => (isPrevented = true) });
    return isPrevented;
  }
}

async function startModule(locale = new Locale(() => [])) {
  const window = new FakeWindow();
  const listeners = new Map<EventName, (payload: never) => void>();
  const coreApp = {
    on: (name: EventName, listener: (payload: never) => void) => {
      listeners.set(name, listener);
      return () => undefined;
    },
  };
  const context = { coreApp: Promise.resolve(coreApp), window, locale } as unknown as AppContext;
  const handleReady = batchNotifications(context);
  if (typeof handleReady !== 'function') throw new Error('The module returned no function.');
  await handleReady();
  const emit = <Name extends EventName>(name: Name, payload: EventPayload<Name>) =>
    listeners.get(name)?.(payload as never);
  return { window, emit, emitBatches: (...rows: Batch[]) => emit('batches.changed', { rows }) };
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
let initialListeners: NodeJS.SignalsListener[][] = [];
beforeEach(() => {
  recorded.calls.length = 0;
  recorded.quitCount = 0;
  initialListeners = signals.map((signal) => process.listeners(signal));
});
afterEach(() =>
  signals.forEach((signal, index) => {
    for (const listener of process.listeners(signal))
      if (!initialListeners[index]?.includes(listener)) process.removeListener(signal, listener);
  }),
);

describe('batchNotifications', () => {
  it('prevents sleep once while a batch runs, and shows the progress', async () => {
    const { window, emitBatches } = await startModule();
    emitBatches({ ...runningBatch, eligible: 100, outcomeCounts: { cancelled: 50, waiting: 50 } });
    emitBatches({ ...runningBatch, eligible: 100, outcomeCounts: { cancelled: 60, waiting: 40 } });
    emitBatches({ ...runningBatch, ...finishedBatchFields });
    expect(recorded.calls.filter(([name]) => name !== 'notification')).toEqual([
      ['startSleepBlocker', 'prevent-app-suspension'],
      ['stopSleepBlocker', 7],
    ]);
    expect(window.progressCalls).toEqual([
      [0.5, { mode: 'normal' }],
      [0.6, { mode: 'normal' }],
      [-1, { mode: 'none' }],
    ]);
  });

  it('shows a notification when a batch needs attention, but not while the window has the focus', async () => {
    const { window, emitBatches } = await startModule();
    emitBatches(runningBatch);
    emitBatches({
      ...runningBatch,
      connections: [
        fakeBatchConnection(fakeConnection(1), {
          state: 'paused',
          issue: { ...fakeMessage('No.'), action: 'check_network' },
        }),
      ],
    });
    window.hasFocus = true;
    emitBatches({ ...runningBatch, ...finishedBatchFields });
    expect(recorded.calls.filter(([name]) => name === 'notification')).toEqual([
      [
        'notification',
        {
          title: 'Batch 12 needs attention',
          body: 'Flinks Canada is paused. The provider cannot be reached. Check the network.',
        },
      ],
    ]);
  });

  it('closing the window while a batch runs asks for confirmation, with one prompt at a time', async () => {
    const { window, emitBatches } = await startModule();
    expect(window.close()).toBe(false);
    emitBatches(runningBatch);
    recorded.response = 0;
    expect([window.close(), window.close()]).toEqual([true, true]);
    await vi.waitFor(() =>
      expect(recorded.calls.filter(([name]) => name === 'prompt')).toEqual([
        ['prompt', 'Batch 12 is running. Quit anyway?', 'Keep running', 'Quit'],
      ]),
    );
    await Promise.resolve();
    expect(recorded.quitCount).toBe(0);
    recorded.response = 1;
    await vi.waitFor(() => {
      window.close();
      expect(recorded.quitCount).toBeGreaterThan(0);
    });
    expect(window.close()).toBe(false);
  });

  it('notifications and prompts use the current language', async () => {
    const locale = new Locale(() => ['id-ID']);
    const { window, emitBatches } = await startModule(locale);
    emitBatches(runningBatch);
    locale.setLanguage('fr-CA');
    emitBatches({ ...runningBatch, ...finishedBatchFields });
    expect(recorded.calls.filter(([name]) => name === 'notification')).toMatchObject([
      ['notification', { title: 'Le lot 12 est terminé' }],
    ]);
    emitBatches(runningBatch);
    recorded.response = 0;
    window.close();
    await vi.waitFor(() =>
      expect(recorded.calls).toContainEqual([
        'prompt',
        'Le lot 12 est en cours. Quitter quand même\u202f?',
        'Laisser continuer',
        'Quitter',
      ]),
    );
  });

  it('a signal quits without a prompt', async () => {
    const { window, emitBatches } = await startModule();
    emitBatches(runningBatch);
    for (const listener of process.listeners('SIGTERM'))
      if (!initialListeners[1]?.includes(listener)) (listener as () => void)();
    expect(window.close()).toBe(false);
  });

  it('batches of the previous workspace are dropped', async () => {
    const { window, emitBatches, emit } = await startModule();
    const state = {
      version: '1',
      operator: 'ada',
      hostName: 'desk',
      workspace: 'work',
      workspaceError: null,
      keychain: 'available',
      dataFolder: '/',
      isRestoreReviewPending: false,
      isFirstRun: false,
    } as const;
    emit('app.changed', state);
    emitBatches(runningBatch);
    emit('app.changed', { ...state, workspace: 'practice' });
    expect(window.close()).toBe(false);
    expect(window.progressCalls.at(-1)).toEqual([-1, { mode: 'none' }]);
  });
});
