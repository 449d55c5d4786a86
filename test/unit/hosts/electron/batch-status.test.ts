import { describe, expect, it } from 'vitest';
import { remedy } from '../../../../src-main/contract/index.ts';
import { BatchNews, quitQuestion } from '../../../../src-main/hosts/electron/batch-status.ts';
import { wordsIn } from '../../../../src-main/hosts/electron/translations/index.ts';
import { ended, fakeBatch, fakeLane, fakeRun } from '../../../support/fake-batches.ts';
import { fakeConnection } from '../../../support/fake-api-client.ts';

const english = wordsIn.en;
const connections = [fakeConnection(1), fakeConnection(2)];
const run = fakeRun(12, connections);
const stuckLane = (help: (typeof remedy.options)[number]) =>
  fakeLane(fakeConnection(2), {
    state: 'paused',
    trouble: { message: 'Xendit says about ps-661f87c614802d6c402cd82d: no.', remedy: help },
  });

describe('the news of batches', () => {
  it('tell the end once, with what is not known', () => {
    const news = new BatchNews();
    expect(news.take([run], english)).toEqual([]);
    expect(news.take([{ ...run, ...ended }], english)).toEqual([
      { title: 'Batch 12 is finished', body: '1,131 of 1,204 sessions cancelled. The outcome of 5 is not known.' },
    ]);
    expect(news.take([{ ...run, ...ended }], english)).toEqual([]);
  });

  it('tell nothing of what is first heard of, e.g. the end of a batch of last week', () => {
    expect(new BatchNews().take([{ ...run, ...ended }], english)).toEqual([]);
  });

  it.each(remedy.options)('tell once that a connection paused by itself, in words of the console alone: %s', (help) => {
    const news = new BatchNews();
    news.take([run], english);
    const stuck = { ...run, lanes: [fakeLane(fakeConnection(1)), stuckLane(help)] };
    const [notice, ...others] = news.take([stuck], english);
    expect(others).toEqual([]);
    expect(notice?.title).toBe('Batch 12 needs you');
    expect(notice?.body).toMatch(/^Xendit Indonesia is paused\. [A-Z]/);
    expect(notice?.body).not.toContain('ps-661f');
    expect(news.take([stuck], english)).toEqual([]);
    expect(
      news.take(
        [{ ...run, lanes: [stuckLane(help)], trouble: { message: 'It is full.', remedy: 'free_disk' } }],
        english,
      ),
    ).toEqual([{ title: 'Batch 12 needs you', body: 'The disk is full: free some space.' }]);
  });

  it('tell nothing where the operator paused it', () => {
    const news = new BatchNews();
    news.take([run], english);
    expect(news.take([{ ...run, state: 'paused', lanes: [] }], english)).toEqual([]);
  });
});

describe('the progress on the taskbar', () => {
  it('is that of all batches under way together, and none where nothing is', () => {
    const news = new BatchNews();
    expect(news.progress).toEqual({ fraction: -1, mode: 'none' });
    news.take([{ ...run, asked: 100, outcomes: { cancelled: 40, unknown: 10, waiting: 50 } }], english);
    expect(news.progress).toEqual({ fraction: 0.5, mode: 'normal' });
    news.take(
      [{ ...fakeRun(13, connections), asked: 100, outcomes: { waiting: 100 }, state: 'paused' }, fakeBatch(14)],
      english,
    );
    expect(news.progress).toEqual({ fraction: 0.25, mode: 'normal' });
    news.take([{ ...run, ...ended }], english);
    expect(news.progress).toEqual({ fraction: 0, mode: 'paused' });
  });

  it('is red where something waits for the operator', () => {
    const news = new BatchNews();
    news.take([{ ...run, lanes: [stuckLane('check_network')] }], english);
    expect(news.progress.mode).toBe('error');
  });
});

it('keeps the machine awake from the armed seconds to the last outcome, and not while paused', () => {
  const news = new BatchNews();
  const awakeIn = (
    ['planned', 'armed', 'running', 'paused', 'stopping', 'interrupted', 'stopped', 'finished'] as const
  ).filter((state) => {
    news.take([{ ...run, state }], english);
    return news.awake;
  });
  expect(awakeIn).toEqual(['armed', 'running', 'stopping']);
  news.take([run], english);
  news.forget();
  expect(news.awake).toBe(false);
});

it('says before a quit what will happen', () => {
  const one = quitQuestion([{ ...run, outcomes: { waiting: 1 } }], english);
  expect(one.message).toBe('Batch 12 is running. Quit all the same?');
  expect(one.detail).toContain(
    '1 session is still to be asked for. At the next start the batch is shown as interrupted, and nothing goes on until you resume.',
  );
  expect(one.buttons).toEqual(['Keep running', 'Quit']);
  expect(quitQuestion([run, fakeRun(13, connections)], english).message).toBe(
    'Batches 12 and 13 are running. Quit all the same?',
  );
});

describe('in each language', () => {
  const stuck = { ...run, lanes: [stuckLane('check_network')] };
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
    const words = wordsIn[language];
    const news = new BatchNews();
    news.take([run], words);
    expect(news.take([stuck], words)).toEqual([{ title: needs, body: help }]);
    expect(news.take([{ ...run, ...ended }], words)).toEqual([{ title: isOver, body: counts }]);
  });

  it('a language that is spoken from now on repeats nothing that was told in the one before', () => {
    const news = new BatchNews();
    news.take([run], english);
    expect(news.take([stuck], english)).toHaveLength(1);
    expect(news.take([stuck], wordsIn['fr-CA'])).toEqual([]);
  });

  it('one, none and many are told as its grammar has them', () => {
    const cancelled = (language: 'en' | 'fr-CA' | 'id', count: number) =>
      wordsIn[language].notice.cancelled(count, count);
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
    const question = quitQuestion([run, fakeRun(13, connections)], wordsIn[language]);
    expect(question).toMatchObject({ message, buttons });
    expect(question.detail).toContain(detail);
  });
});
