/** Tests of the notification module with a fake of Electron, and of the texts that it shows. */
import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { issueAction } from '../../../../src-main/contract/index.ts';
import type { Batch, EventName, EventPayload } from '../../../../src-main/contract/index.ts';
import {
  BatchStatusTracker,
  batchNotifications,
  createQuitPrompt,
} from '../../../../src-main/hosts/electron/batch-notifications.ts';
import type { AppContext } from '../../../../src-main/hosts/electron/app-context.ts';
import { Locale } from '../../../../src-main/hosts/electron/locale.ts';
import {
  finishedBatchFields,
  fakeBatch,
  fakeBatchConnection,
  fakeRunningBatch,
} from '../../../support/fake-batches.ts';
import { fakeConnection } from '../../../support/fake-api-client.ts';
import { fakeMessage } from '../../../support/fake-messages.ts';
import { nonEmpty } from '../../../support/non-empty.ts';

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

const english = new Locale(() => ['en']);
const connections = [fakeConnection(1), fakeConnection(2)];
const trackedBatch = fakeRunningBatch(12, connections);
const pausedConnection = (action: (typeof issueAction.options)[number]) =>
  fakeBatchConnection(fakeConnection(2), {
    state: 'paused',
    issue: { ...fakeMessage('Xendit refused ps-661f87c614802d6c402cd82d.'), action },
  });

describe('BatchStatusTracker.update', () => {
  it('notifies once when a batch ends, with the number of unknown outcomes', () => {
    const tracker = new BatchStatusTracker();
    expect(tracker.update([trackedBatch], english)).toEqual([]);
    expect(tracker.update([{ ...trackedBatch, ...finishedBatchFields }], english)).toEqual([
      {
        title: 'Batch 12 is finished',
        body: '1,131 of 1,204 sessions cancelled. The outcome of 5 sessions is unknown.',
      },
    ]);
    expect(tracker.update([{ ...trackedBatch, ...finishedBatchFields }], english)).toEqual([]);
  });

  it('does not notify about the first state of a batch', () => {
    expect(new BatchStatusTracker().update([{ ...trackedBatch, ...finishedBatchFields }], english)).toEqual([]);
  });

  it.each(nonEmpty(issueAction.options))(
    'notifies once when a connection is paused automatically, without the provider message: %s',
    (action) => {
      const tracker = new BatchStatusTracker();
      tracker.update([trackedBatch], english);
      const pausedBatch = {
        ...trackedBatch,
        connections: [fakeBatchConnection(fakeConnection(1)), pausedConnection(action)],
      };
      const [notification, ...others] = tracker.update([pausedBatch], english);
      expect(others).toEqual([]);
      expect(notification?.title).toBe('Batch 12 needs attention');
      expect(notification?.body).toMatch(/^Xendit Indonesia is paused\. [A-Z]/);
      expect(notification?.body).not.toContain('ps-661f');
      expect(tracker.update([pausedBatch], english)).toEqual([]);
      expect(
        tracker.update(
          [
            {
              ...trackedBatch,
              connections: [pausedConnection(action)],
              issue: { ...fakeMessage('It is full.'), action: 'free_disk' },
            },
          ],
          english,
        ),
      ).toEqual([{ title: 'Batch 12 needs attention', body: 'The disk is full. Free up disk space.' }]);
    },
  );

  it('does not notify when the operator pauses a batch', () => {
    const tracker = new BatchStatusTracker();
    tracker.update([trackedBatch], english);
    expect(tracker.update([{ ...trackedBatch, state: 'paused', connections: [] }], english)).toEqual([]);
  });
});

describe('BatchStatusTracker.progress', () => {
  it('combines all running and paused batches, and is hidden without them', () => {
    const tracker = new BatchStatusTracker();
    expect(tracker.progress).toEqual({ fraction: -1, mode: 'none' });
    tracker.update(
      [{ ...trackedBatch, eligible: 100, outcomeCounts: { cancelled: 40, unknown: 10, waiting: 50 } }],
      english,
    );
    expect(tracker.progress).toEqual({ fraction: 0.5, mode: 'normal' });
    tracker.update(
      [
        { ...fakeRunningBatch(13, connections), eligible: 100, outcomeCounts: { waiting: 100 }, state: 'paused' },
        fakeBatch(14),
      ],
      english,
    );
    expect(tracker.progress).toEqual({ fraction: 0.25, mode: 'normal' });
    tracker.update([{ ...trackedBatch, ...finishedBatchFields }], english);
    expect(tracker.progress).toEqual({ fraction: 0, mode: 'paused' });
  });

  it('has the mode error if a connection is paused automatically', () => {
    const tracker = new BatchStatusTracker();
    tracker.update([{ ...trackedBatch, connections: [pausedConnection('check_network')] }], english);
    expect(tracker.progress.mode).toBe('error');
  });
});

it('BatchStatusTracker.shouldPreventSleep: is true from confirmation to the last outcome, except while paused', () => {
  const tracker = new BatchStatusTracker();
  const statesWithoutSleep = (
    ['planned', 'armed', 'running', 'paused', 'stopping', 'interrupted', 'stopped', 'finished'] as const
  ).filter((state) => {
    tracker.update([{ ...trackedBatch, state }], english);
    return tracker.shouldPreventSleep;
  });
  expect(statesWithoutSleep).toEqual(['armed', 'running', 'stopping']);
  tracker.update([trackedBatch], english);
  tracker.clear();
  expect(tracker.shouldPreventSleep).toBe(false);
});

it('createQuitPrompt: states the number of waiting sessions and the consequences', () => {
  const prompt = createQuitPrompt([{ ...trackedBatch, outcomeCounts: { waiting: 1 } }], english);
  expect(prompt.message).toBe('Batch 12 is running. Quit anyway?');
  expect(prompt.detail).toContain(
    '1 session is still waiting. At the next start, the batch is shown as interrupted. ' +
      'Nothing continues until you resume.',
  );
  expect(prompt.buttons).toEqual(['Keep running', 'Quit']);
  expect(createQuitPrompt([trackedBatch, fakeRunningBatch(13, connections)], english).message).toBe(
    'Batches 12 and 13 are running. Quit anyway?',
  );
});

describe('batch notifications by language', () => {
  const pausedBatch = { ...trackedBatch, connections: [pausedConnection('check_network')] };
  it.each([
    [
      'en',
      'Batch 12 needs attention',
      'Xendit Indonesia is paused. The provider cannot be reached. Check the network.',
      'Batch 12 is finished',
      '1,131 of 1,204 sessions cancelled. The outcome of 5 sessions is unknown.',
    ],
    [
      'fr-CA',
      'Le lot 12 requiert votre attention',
      'Xendit Indonesia est suspendue. Le fournisseur ne peut pas être joint. Vérifiez le réseau.',
      'Le lot 12 est terminé',
      '1\u00a0131 annulées sur 1\u00a0204 séances. Le résultat de 5 séances est inconnu.',
    ],
    [
      'id',
      'Batch 12 perlu perhatian',
      'Xendit Indonesia dijeda. Penyedia tidak dapat dihubungi. Periksa jaringan.',
      'Batch 12 selesai',
      '1.131 dari 1.204 sesi dibatalkan. Hasil 5 sesi tidak diketahui.',
    ],
  ] as const)(
    'notifications in %s: paused and finished batches are translated',
    (language, pausedTitle, pausedBody, finishedTitle, finishedBody) => {
      const locale = new Locale(() => [language]);
      const tracker = new BatchStatusTracker();
      tracker.update([trackedBatch], locale);
      expect(tracker.update([pausedBatch], locale)).toEqual([{ title: pausedTitle, body: pausedBody }]);
      expect(tracker.update([{ ...trackedBatch, ...finishedBatchFields }], locale)).toEqual([
        { title: finishedTitle, body: finishedBody },
      ]);
    },
  );

  it('a change of the language repeats no notification', () => {
    const tracker = new BatchStatusTracker();
    tracker.update([trackedBatch], english);
    expect(tracker.update([pausedBatch], english)).toHaveLength(1);
    expect(tracker.update([pausedBatch], new Locale(() => ['fr-CA']))).toEqual([]);
  });

  it('plural forms follow the rules of each language', () => {
    const cancelled = (language: 'en' | 'fr-CA' | 'id', count: number) => {
      const locale = new Locale(() => [language]);
      const tracker = new BatchStatusTracker();
      const finished = { ...finishedBatchFields, eligible: count, outcomeCounts: { cancelled: count } };
      tracker.update([trackedBatch], locale);
      return tracker.update([{ ...trackedBatch, ...finished }], locale)[0]?.body;
    };
    expect([0, 1, 2].map((count) => cancelled('en', count))).toEqual([
      '0 of 0 sessions cancelled.',
      '1 of 1 session cancelled.',
      '2 of 2 sessions cancelled.',
    ]);
    expect([0, 1, 2].map((count) => cancelled('fr-CA', count))).toEqual([
      '0 annulée sur 0 séance.',
      '1 annulée sur 1 séance.',
      '2 annulées sur 2 séances.',
    ]);
    expect([0, 1, 2].map((count) => cancelled('id', count))).toEqual([
      '0 dari 0 sesi dibatalkan.',
      '1 dari 1 sesi dibatalkan.',
      '2 dari 2 sesi dibatalkan.',
    ]);
  });

  it.each([
    [
      'en',
      'Batches 12 and 13 are running. Quit anyway?',
      'the batches are shown as interrupted',
      ['Keep running', 'Quit'],
    ],
    [
      'fr-CA',
      'Les lots 12 et 13 sont en cours. Quitter quand même\u202f?',
      'les lots sont affichés comme interrompus',
      ['Laisser continuer', 'Quitter'],
    ],
    [
      'id',
      'Batch 12 dan 13 sedang berjalan. Tetap keluar?',
      'batch ditampilkan sebagai terputus',
      ['Biarkan berjalan', 'Keluar'],
    ],
  ] as const)('quit prompt in %s: the text and the buttons are translated', (language, message, detail, buttons) => {
    const prompt = createQuitPrompt([trackedBatch, fakeRunningBatch(13, connections)], new Locale(() => [language]));
    expect(prompt).toMatchObject({ message, buttons });
    expect(prompt.detail).toContain(detail);
  });
});
