import { describe, expect, it } from 'vitest';
import { issueAction } from '../../../../src-main/contract/index.ts';
import { BatchStatusTracker, createQuitPrompt } from '../../../../src-main/hosts/electron/batch-status.ts';
import { messagesByLanguage } from '../../../../src-main/hosts/electron/translations/index.ts';
import {
  finishedBatchFields,
  fakeBatch,
  fakeBatchConnection,
  fakeRunningBatch,
} from '../../../support/fake-batches.ts';
import { fakeConnection } from '../../../support/fake-api-client.ts';
import { fakeMessage } from '../../../support/fake-messages.ts';

const english = messagesByLanguage.en;
const connections = [fakeConnection(1), fakeConnection(2)];
const runningBatch = fakeRunningBatch(12, connections);
const failedConnection = (help: (typeof issueAction.options)[number]) =>
  fakeBatchConnection(fakeConnection(2), {
    state: 'paused',
    issue: { ...fakeMessage('Xendit says about ps-661f87c614802d6c402cd82d: no.'), action: help },
  });

describe('the news of batches', () => {
  it('tell the end once, with what is not known', () => {
    const tracker = new BatchStatusTracker();
    expect(tracker.update([runningBatch], english)).toEqual([]);
    expect(tracker.update([{ ...runningBatch, ...finishedBatchFields }], english)).toEqual([
      { title: 'Batch 12 is finished', body: '1,131 of 1,204 sessions cancelled. The outcome of 5 is not known.' },
    ]);
    expect(tracker.update([{ ...runningBatch, ...finishedBatchFields }], english)).toEqual([]);
  });

  it('tell nothing of what is first heard of, e.g. the end of a batch of last week', () => {
    expect(new BatchStatusTracker().update([{ ...runningBatch, ...finishedBatchFields }], english)).toEqual([]);
  });

  it.each(issueAction.options)(
    'tell once that a connection paused by itself, in words of the console alone: %s',
    (help) => {
      const tracker = new BatchStatusTracker();
      tracker.update([runningBatch], english);
      const stuck = { ...runningBatch, connections: [fakeBatchConnection(fakeConnection(1)), failedConnection(help)] };
      const [notice, ...others] = tracker.update([stuck], english);
      expect(others).toEqual([]);
      expect(notice?.title).toBe('Batch 12 needs you');
      expect(notice?.body).toMatch(/^Xendit Indonesia is paused\. [A-Z]/);
      expect(notice?.body).not.toContain('ps-661f');
      expect(tracker.update([stuck], english)).toEqual([]);
      expect(
        tracker.update(
          [
            {
              ...runningBatch,
              connections: [failedConnection(help)],
              issue: { ...fakeMessage('It is full.'), action: 'free_disk' },
            },
          ],
          english,
        ),
      ).toEqual([{ title: 'Batch 12 needs you', body: 'The disk is full: free some space.' }]);
    },
  );

  it('tell nothing where the operator paused it', () => {
    const tracker = new BatchStatusTracker();
    tracker.update([runningBatch], english);
    expect(tracker.update([{ ...runningBatch, state: 'paused', connections: [] }], english)).toEqual([]);
  });
});

describe('the progress on the taskbar', () => {
  it('is that of all batches under way together, and none where nothing is', () => {
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

  it('is red where something waits for the operator', () => {
    const tracker = new BatchStatusTracker();
    tracker.update([{ ...runningBatch, connections: [failedConnection('check_network')] }], english);
    expect(tracker.progress.mode).toBe('error');
  });
});

it('keeps the machine awake from the armed seconds to the last outcome, and not while paused', () => {
  const tracker = new BatchStatusTracker();
  const awakeIn = (
    ['planned', 'armed', 'running', 'paused', 'stopping', 'interrupted', 'stopped', 'finished'] as const
  ).filter((state) => {
    tracker.update([{ ...runningBatch, state }], english);
    return tracker.shouldPreventSleep;
  });
  expect(awakeIn).toEqual(['armed', 'running', 'stopping']);
  tracker.update([runningBatch], english);
  tracker.clear();
  expect(tracker.shouldPreventSleep).toBe(false);
});

it('says before a quit what will happen', () => {
  const one = createQuitPrompt([{ ...runningBatch, outcomeCounts: { waiting: 1 } }], english);
  expect(one.message).toBe('Batch 12 is running. Quit all the same?');
  expect(one.detail).toContain(
    '1 session is still to be asked for. At the next start the batch is shown as interrupted, and nothing goes on until you resume.',
  );
  expect(one.buttons).toEqual(['Keep running', 'Quit']);
  expect(createQuitPrompt([runningBatch, fakeRunningBatch(13, connections)], english).message).toBe(
    'Batches 12 and 13 are running. Quit all the same?',
  );
});

describe('in each language', () => {
  const stuck = { ...runningBatch, connections: [failedConnection('check_network')] };
  it.each([
    [
      'en',
      'Batch 12 needs you',
      'Xendit Indonesia is paused. The provider is not reached: check the network.',
      'Batch 12 is finished',
      '1,131 of 1,204 sessions cancelled. The outcome of 5 is not known.',
    ],
    [
      'fr-CA',
      'Le lot 12 a besoin de vous',
      'Xendit Indonesia est suspendue. Le fournisseur ne peut pas être joint\u00a0: vérifiez le réseau.',
      'Le lot 12 est terminé',
      '1\u00a0131 séances annulées sur 1\u00a0204. Le résultat de 5 séances n’est pas connu.',
    ],
    [
      'id',
      'Batch 12 memerlukan Anda',
      'Xendit Indonesia dijeda. Penyedia tidak dapat dihubungi: periksa jaringan.',
      'Batch 12 selesai',
      '1.131 dari 1.204 sesi dibatalkan. Hasil 5 sesi tidak diketahui.',
    ],
  ] as const)('%s: a notice says what happened', (language, needs, help, isOver, counts) => {
    const words = messagesByLanguage[language];
    const tracker = new BatchStatusTracker();
    tracker.update([runningBatch], words);
    expect(tracker.update([stuck], words)).toEqual([{ title: needs, body: help }]);
    expect(tracker.update([{ ...runningBatch, ...finishedBatchFields }], words)).toEqual([
      { title: isOver, body: counts },
    ]);
  });

  it('a language that is spoken from now on repeats nothing that was told in the one before', () => {
    const tracker = new BatchStatusTracker();
    tracker.update([runningBatch], english);
    expect(tracker.update([stuck], english)).toHaveLength(1);
    expect(tracker.update([stuck], messagesByLanguage['fr-CA'])).toEqual([]);
  });

  it('one, none and many are told as its grammar has them', () => {
    const cancelled = (language: 'en' | 'fr-CA' | 'id', count: number) =>
      messagesByLanguage[language].notification.cancelled(count, count);
    expect([0, 1, 2].map((count) => cancelled('en', count))).toEqual([
      '0 of 0 sessions cancelled.',
      '1 of 1 session cancelled.',
      '2 of 2 sessions cancelled.',
    ]);
    expect([0, 1, 2].map((count) => cancelled('fr-CA', count))).toEqual([
      '0 séance annulée sur 0.',
      '1 séance annulée sur 1.',
      '2 séances annulées sur 2.',
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
      'Batches 12 and 13 are running. Quit all the same?',
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
  ] as const)('%s: the question before a quit', (language, message, detail, buttons) => {
    const question = createQuitPrompt([runningBatch, fakeRunningBatch(13, connections)], messagesByLanguage[language]);
    expect(question).toMatchObject({ message, buttons });
    expect(question.detail).toContain(detail);
  });
});
