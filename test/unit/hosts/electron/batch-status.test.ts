import { describe, expect, it, vi } from 'vitest';
import { issueAction } from '../../../../src-main/contract/index.ts';
import { BatchStatusTracker, createQuitPrompt } from '../../../../src-main/hosts/electron/batch-notifications.ts';
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

vi.mock('electron', () => ({}));

const english = new Locale(() => ['en']);
const connections = [fakeConnection(1), fakeConnection(2)];
const runningBatch = fakeRunningBatch(12, connections);
const pausedConnection = (action: (typeof issueAction.options)[number]) =>
  fakeBatchConnection(fakeConnection(2), {
    state: 'paused',
    issue: { ...fakeMessage('Xendit refused ps-661f87c614802d6c402cd82d.'), action },
  });

describe('BatchStatusTracker.update', () => {
  it('notifies once when a batch ends, with the number of unknown outcomes', () => {
    const tracker = new BatchStatusTracker();
    expect(tracker.update([runningBatch], english)).toEqual([]);
    expect(tracker.update([{ ...runningBatch, ...finishedBatchFields }], english)).toEqual([
      {
        title: 'Batch 12 is finished',
        body: '1,131 of 1,204 sessions cancelled. The outcome of 5 sessions is unknown.',
      },
    ]);
    expect(tracker.update([{ ...runningBatch, ...finishedBatchFields }], english)).toEqual([]);
  });

  it('does not notify about the first state of a batch', () => {
    expect(new BatchStatusTracker().update([{ ...runningBatch, ...finishedBatchFields }], english)).toEqual([]);
  });

  it.each(nonEmpty(issueAction.options))(
    'notifies once when a connection is paused automatically, without the provider message: %s',
    (action) => {
      const tracker = new BatchStatusTracker();
      tracker.update([runningBatch], english);
      const pausedBatch = {
        ...runningBatch,
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
              ...runningBatch,
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
    tracker.update([runningBatch], english);
    expect(tracker.update([{ ...runningBatch, state: 'paused', connections: [] }], english)).toEqual([]);
  });
});

describe('BatchStatusTracker.progress', () => {
  it('combines all running and paused batches, and is hidden without them', () => {
    const tracker = new BatchStatusTracker();
    expect(tracker.progress).toEqual({ fraction: -1, mode: 'none' });
    tracker.update(
      [{ ...runningBatch, eligible: 100, outcomeCounts: { cancelled: 40, unknown: 10, waiting: 50 } }],
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
    tracker.update([{ ...runningBatch, ...finishedBatchFields }], english);
    expect(tracker.progress).toEqual({ fraction: 0, mode: 'paused' });
  });

  it('has the mode error if a connection is paused automatically', () => {
    const tracker = new BatchStatusTracker();
    tracker.update([{ ...runningBatch, connections: [pausedConnection('check_network')] }], english);
    expect(tracker.progress.mode).toBe('error');
  });
});

it('BatchStatusTracker.shouldPreventSleep: is true from confirmation to the last outcome, except while paused', () => {
  const tracker = new BatchStatusTracker();
  const statesWithoutSleep = (
    ['planned', 'armed', 'running', 'paused', 'stopping', 'interrupted', 'stopped', 'finished'] as const
  ).filter((state) => {
    tracker.update([{ ...runningBatch, state }], english);
    return tracker.shouldPreventSleep;
  });
  expect(statesWithoutSleep).toEqual(['armed', 'running', 'stopping']);
  tracker.update([runningBatch], english);
  tracker.clear();
  expect(tracker.shouldPreventSleep).toBe(false);
});

it('createQuitPrompt: states the number of waiting sessions and the consequences', () => {
  const prompt = createQuitPrompt([{ ...runningBatch, outcomeCounts: { waiting: 1 } }], english);
  expect(prompt.message).toBe('Batch 12 is running. Quit anyway?');
  expect(prompt.detail).toContain(
    '1 session is still waiting. At the next start, the batch is shown as interrupted. ' +
      'Nothing continues until you resume.',
  );
  expect(prompt.buttons).toEqual(['Keep running', 'Quit']);
  expect(createQuitPrompt([runningBatch, fakeRunningBatch(13, connections)], english).message).toBe(
    'Batches 12 and 13 are running. Quit anyway?',
  );
});

describe('batch notifications by language', () => {
  const pausedBatch = { ...runningBatch, connections: [pausedConnection('check_network')] };
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
      tracker.update([runningBatch], locale);
      expect(tracker.update([pausedBatch], locale)).toEqual([{ title: pausedTitle, body: pausedBody }]);
      expect(tracker.update([{ ...runningBatch, ...finishedBatchFields }], locale)).toEqual([
        { title: finishedTitle, body: finishedBody },
      ]);
    },
  );

  it('a change of the language repeats no notification', () => {
    const tracker = new BatchStatusTracker();
    tracker.update([runningBatch], english);
    expect(tracker.update([pausedBatch], english)).toHaveLength(1);
    expect(tracker.update([pausedBatch], new Locale(() => ['fr-CA']))).toEqual([]);
  });

  it('plural forms follow the rules of each language', () => {
    const cancelled = (language: 'en' | 'fr-CA' | 'id', count: number) => {
      const locale = new Locale(() => [language]);
      const tracker = new BatchStatusTracker();
      const finished = { ...finishedBatchFields, eligible: count, outcomeCounts: { cancelled: count } };
      tracker.update([runningBatch], locale);
      return tracker.update([{ ...runningBatch, ...finished }], locale)[0]?.body;
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
    const prompt = createQuitPrompt([runningBatch, fakeRunningBatch(13, connections)], new Locale(() => [language]));
    expect(prompt).toMatchObject({ message, buttons });
    expect(prompt.detail).toContain(detail);
  });
});
