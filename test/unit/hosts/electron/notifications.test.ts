/** The module around the news, on a stand-in for Electron. */
import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Batch, EventName, EventPayload } from '../../../../src-main/contract/index.ts';
import { batchNotifications } from '../../../../src-main/hosts/electron/notifications.ts';
import type { AppContext } from '../../../../src-main/hosts/electron/app-context.ts';
import { Locale } from '../../../../src-main/hosts/electron/locale.ts';
import { finishedBatchFields, fakeBatchConnection, fakeRunningBatch } from '../../../support/fake-batches.ts';
import { fakeConnection } from '../../../support/fake-api-client.ts';
import { fakeMessage } from '../../../support/fake-messages.ts';

const recorded = vi.hoisted(() => ({ asked: [] as unknown[][], answer: 0, quits: 0 }));
vi.mock('electron', () => {
  class Notification {
    static isSupported = () => true;
    readonly #notice: unknown;
    constructor(notice: unknown) {
      this.#notice = notice;
    }
    on() {
      return this;
    }
    show() {
      recorded.asked.push(['notice', this.#notice]);
    }
  }
  return {
    Notification,
    app: {
      quit: () => {
        recorded.quits += 1;
      },
    },
    dialog: {
      showMessageBox: (_window: unknown, { message, buttons }: { message: string; buttons: string[] }) => {
        recorded.asked.push(['question', message, ...buttons]);
        return Promise.resolve({ response: recorded.answer });
      },
    },
    powerSaveBlocker: {
      start: (kind: string) => {
        recorded.asked.push(['awake', kind]);
        return 7;
      },
      stop: (id: number) => {
        recorded.asked.push(['asleep', id]);
      },
    },
  };
});

const runningBatch = fakeRunningBatch(12, [fakeConnection(1)]);
class FakeWindow extends EventEmitter {
  focused = false;
  readonly progressCalls: unknown[][] = [];
  isFocused = () => this.focused;
  setProgressBar = (...given: unknown[]) => void this.progressCalls.push(given);
  /** As a person closes it; true where that was held up. */
  close(): boolean {
    let held = false;
    this.emit('close', { preventDefault: () => (held = true) });
    return held;
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
  const ready = batchNotifications({ coreApp: Promise.resolve(coreApp), window, locale } as unknown as AppContext);
  if (typeof ready !== 'function') throw new Error('The module leaves nothing to do when Electron is ready.');
  await ready();
  const emit = <Name extends EventName>(name: Name, payload: EventPayload<Name>) =>
    listeners.get(name)?.(payload as never);
  return { window, emit, changed: (...rows: Batch[]) => emit('batches.changed', { rows }) };
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
let initialListeners: NodeJS.SignalsListener[][] = [];
beforeEach(() => {
  recorded.asked.length = 0;
  recorded.quits = 0;
  initialListeners = signals.map((signal) => process.listeners(signal));
});
afterEach(() =>
  signals.forEach((signal, at) => {
    for (const listener of process.listeners(signal))
      if (!initialListeners[at]?.includes(listener)) process.removeListener(signal, listener);
  }),
);

describe('a batch in the window', () => {
  it('keeps the machine awake while it runs, once, and shows how far it is', async () => {
    const { window, changed } = await startModule();
    changed({ ...runningBatch, eligible: 100, outcomeCounts: { cancelled: 50, waiting: 50 } });
    changed({ ...runningBatch, eligible: 100, outcomeCounts: { cancelled: 60, waiting: 40 } });
    changed({ ...runningBatch, ...finishedBatchFields });
    expect(recorded.asked.filter(([what]) => what !== 'notice')).toEqual([
      ['awake', 'prevent-app-suspension'],
      ['asleep', 7],
    ]);
    expect(window.progressCalls).toEqual([
      [0.5, { mode: 'normal' }],
      [0.6, { mode: 'normal' }],
      [-1, { mode: 'none' }],
    ]);
  });

  it('is told by a notice when it ends or pauses by itself, but not to who is looking', async () => {
    const { window, changed } = await startModule();
    changed(runningBatch);
    changed({
      ...runningBatch,
      connections: [
        fakeBatchConnection(fakeConnection(1), {
          state: 'paused',
          issue: { ...fakeMessage('No.'), action: 'check_network' },
        }),
      ],
    });
    window.focused = true;
    changed({ ...runningBatch, ...finishedBatchFields });
    expect(recorded.asked.filter(([what]) => what === 'notice')).toEqual([
      [
        'notice',
        {
          title: 'Batch 12 needs you',
          body: 'Flinks Canada is paused. The provider is not reached: check the network.',
        },
      ],
    ]);
  });

  it('holds up a quit until the operator says so, and asks one question at a time', async () => {
    const { window, changed } = await startModule();
    expect(window.close()).toBe(false);
    changed(runningBatch);
    recorded.answer = 0;
    expect([window.close(), window.close()]).toEqual([true, true]);
    await vi.waitFor(() =>
      expect(recorded.asked.filter(([what]) => what === 'question')).toEqual([
        ['question', 'Batch 12 is running. Quit all the same?', 'Keep running', 'Quit'],
      ]),
    );
    await Promise.resolve();
    expect(recorded.quits).toBe(0);
    recorded.answer = 1;
    await vi.waitFor(() => {
      window.close();
      expect(recorded.quits).toBeGreaterThan(0);
    });
    expect(window.close()).toBe(false);
  });

  it('is told, and asked about, in the language that the screen speaks by then', async () => {
    const locale = new Locale(() => ['id-ID']);
    const { window, changed } = await startModule(locale);
    changed(runningBatch);
    locale.setLanguage('fr-CA');
    changed({ ...runningBatch, ...finishedBatchFields });
    expect(recorded.asked.filter(([what]) => what === 'notice')).toMatchObject([
      ['notice', { title: 'Le lot 12 est terminé' }],
    ]);
    changed(runningBatch);
    recorded.answer = 0;
    window.close();
    await vi.waitFor(() =>
      expect(recorded.asked).toContainEqual([
        'question',
        'Le lot 12 est en cours. Quitter quand même\u202f?',
        'Laisser continuer',
        'Quitter',
      ]),
    );
  });

  it('holds up nothing that a signal ends: nobody is there to answer', async () => {
    const { window, changed } = await startModule();
    changed(runningBatch);
    for (const listener of process.listeners('SIGTERM'))
      if (!initialListeners[1]?.includes(listener)) (listener as () => void)();
    expect(window.close()).toBe(false);
  });

  it('of another workspace no longer counts', async () => {
    const { window, changed, emit } = await startModule();
    const state = {
      version: '1',
      operator: 'ada',
      hostName: 'desk',
      workspace: 'work',
      workspaceError: null,
      keychain: 'available',
      dataFolder: '/',
      isFirstRun: false,
    } as const;
    emit('app.changed', state);
    changed(runningBatch);
    emit('app.changed', { ...state, workspace: 'practice' });
    expect(window.close()).toBe(false);
    expect(window.progressCalls.at(-1)).toEqual([-1, { mode: 'none' }]);
  });
});
