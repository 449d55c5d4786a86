/** The module around the news, on a stand-in for Electron. */
import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Batch, EventName, EventPayload } from '../../../../src-main/contract/index.ts';
import { batchNotices } from '../../../../src-main/hosts/electron/notifications.ts';
import type { Program } from '../../../../src-main/hosts/electron/app-context.ts';
import { Speech } from '../../../../src-main/hosts/electron/locale.ts';
import { ended, fakeLane, fakeRun } from '../../../support/fake-batches.ts';
import { fakeConnection } from '../../../support/fake-api-client.ts';

const told = vi.hoisted(() => ({ asked: [] as unknown[][], answer: 0, quits: 0 }));
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
      told.asked.push(['notice', this.#notice]);
    }
  }
  return {
    Notification,
    app: {
      quit: () => {
        told.quits += 1;
      },
    },
    dialog: {
      showMessageBox: (_window: unknown, { message, buttons }: { message: string; buttons: string[] }) => {
        told.asked.push(['question', message, ...buttons]);
        return Promise.resolve({ response: told.answer });
      },
    },
    powerSaveBlocker: {
      start: (kind: string) => {
        told.asked.push(['awake', kind]);
        return 7;
      },
      stop: (id: number) => {
        told.asked.push(['asleep', id]);
      },
    },
  };
});

const run = fakeRun(12, [fakeConnection(1)]);
class Window extends EventEmitter {
  focused = false;
  readonly bar: unknown[][] = [];
  isFocused = () => this.focused;
  setProgressBar = (...given: unknown[]) => void this.bar.push(given);
  /** As a person closes it; true where that was held up. */
  close(): boolean {
    let held = false;
    this.emit('close', { preventDefault: () => (held = true) });
    return held;
  }
}

async function started(speech = new Speech(() => [])) {
  const window = new Window();
  const listeners = new Map<EventName, (payload: never) => void>();
  const desk = {
    on: (name: EventName, listener: (payload: never) => void) => {
      listeners.set(name, listener);
      return () => undefined;
    },
  };
  const ready = batchNotices({ desk: Promise.resolve(desk), window, speech } as unknown as Program);
  if (typeof ready !== 'function') throw new Error('The module leaves nothing to do when Electron is ready.');
  await ready();
  const emit = <Name extends EventName>(name: Name, payload: EventPayload<Name>) =>
    listeners.get(name)?.(payload as never);
  return { window, emit, changed: (...rows: Batch[]) => emit('batches.changed', { rows }) };
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
let before: NodeJS.SignalsListener[][] = [];
beforeEach(() => {
  told.asked.length = 0;
  told.quits = 0;
  before = signals.map((signal) => process.listeners(signal));
});
afterEach(() =>
  signals.forEach((signal, at) => {
    for (const listener of process.listeners(signal))
      if (!before[at]?.includes(listener)) process.removeListener(signal, listener);
  }),
);

describe('a batch in the window', () => {
  it('keeps the machine awake while it runs, once, and shows how far it is', async () => {
    const { window, changed } = await started();
    changed({ ...run, asked: 100, outcomes: { cancelled: 50, waiting: 50 } });
    changed({ ...run, asked: 100, outcomes: { cancelled: 60, waiting: 40 } });
    changed({ ...run, ...ended });
    expect(told.asked.filter(([what]) => what !== 'notice')).toEqual([
      ['awake', 'prevent-app-suspension'],
      ['asleep', 7],
    ]);
    expect(window.bar).toEqual([
      [0.5, { mode: 'normal' }],
      [0.6, { mode: 'normal' }],
      [-1, { mode: 'none' }],
    ]);
  });

  it('is told by a notice when it ends or pauses by itself, but not to who is looking', async () => {
    const { window, changed } = await started();
    changed(run);
    changed({
      ...run,
      lanes: [fakeLane(fakeConnection(1), { state: 'paused', trouble: { message: 'No.', remedy: 'check_network' } })],
    });
    window.focused = true;
    changed({ ...run, ...ended });
    expect(told.asked.filter(([what]) => what === 'notice')).toEqual([
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
    const { window, changed } = await started();
    expect(window.close()).toBe(false);
    changed(run);
    told.answer = 0;
    expect([window.close(), window.close()]).toEqual([true, true]);
    await vi.waitFor(() =>
      expect(told.asked.filter(([what]) => what === 'question')).toEqual([
        ['question', 'Batch 12 is running. Quit all the same?', 'Keep running', 'Quit'],
      ]),
    );
    await Promise.resolve();
    expect(told.quits).toBe(0);
    told.answer = 1;
    await vi.waitFor(() => {
      window.close();
      expect(told.quits).toBeGreaterThan(0);
    });
    expect(window.close()).toBe(false);
  });

  it('is told, and asked about, in the language that the screen speaks by then', async () => {
    const speech = new Speech(() => ['id-ID']);
    const { window, changed } = await started(speech);
    changed(run);
    speech.speak('fr-CA');
    changed({ ...run, ...ended });
    expect(told.asked.filter(([what]) => what === 'notice')).toMatchObject([
      ['notice', { title: 'Le lot 12 est terminé' }],
    ]);
    changed(run);
    told.answer = 0;
    window.close();
    await vi.waitFor(() =>
      expect(told.asked).toContainEqual([
        'question',
        'Le lot 12 est en cours. Quitter quand même\u202f?',
        'Laisser continuer',
        'Quitter',
      ]),
    );
  });

  it('holds up nothing that a signal ends: nobody is there to answer', async () => {
    const { window, changed } = await started();
    changed(run);
    for (const listener of process.listeners('SIGTERM')) if (!before[1]?.includes(listener)) (listener as () => void)();
    expect(window.close()).toBe(false);
  });

  it('of another workspace no longer counts', async () => {
    const { window, changed, emit } = await started();
    const state = {
      version: '1',
      operator: 'ada',
      hostName: 'desk',
      workspace: 'work',
      trouble: null,
      keychain: 'available',
      dataFolder: '/',
      firstRun: false,
    } as const;
    emit('desk.changed', state);
    changed(run);
    emit('desk.changed', { ...state, workspace: 'practice' });
    expect(window.close()).toBe(false);
    expect(window.bar.at(-1)).toEqual([-1, { mode: 'none' }]);
  });
});
