import { describe, expect, it } from 'vitest';
import { remedy } from '../../../../src-main/contract/index.ts';
import { BatchNews, quitQuestion } from '../../../../src-main/hosts/electron/batch-news.ts';
import { ended, fakeBatch, fakeLane, fakeRun } from '../../../support/fake-batches.ts';
import { fakeConnection } from '../../../support/fake-desk.ts';

const connections = [fakeConnection(1), fakeConnection(2)];
const run = fakeRun(12, connections);
const stuckLane = (help: (typeof remedy.options)[number]) =>
  fakeLane(fakeConnection(2), { state: 'paused', trouble: { message: 'Xendit says about ps-661f87c614802d6c402cd82d: no.', remedy: help } });

describe('the news of batches', () => {
  it('tell the end once, with what is not known', () => {
    const news = new BatchNews();
    expect(news.take([run])).toEqual([]);
    expect(news.take([{ ...run, ...ended }])).toEqual([
      { title: 'Batch 12 is finished', body: '1,131 of 1,204 sessions cancelled. The outcome of 5 is not known.' },
    ]);
    expect(news.take([{ ...run, ...ended }])).toEqual([]);
  });

  it('tell nothing of what is first heard of, e.g. the end of a batch of last week', () => {
    expect(new BatchNews().take([{ ...run, ...ended }])).toEqual([]);
  });

  it.each(remedy.options)('tell once that a connection paused by itself, in words of the console alone: %s', (help) => {
    const news = new BatchNews();
    news.take([run]);
    const stuck = { ...run, lanes: [fakeLane(fakeConnection(1)), stuckLane(help)] };
    const [notice, ...others] = news.take([stuck]);
    expect(others).toEqual([]);
    expect(notice?.title).toBe('Batch 12 needs you');
    expect(notice?.body).toMatch(/^Xendit Indonesia is paused\. [A-Z]/);
    expect(notice?.body).not.toContain('ps-661f');
    expect(news.take([stuck])).toEqual([]);
    expect(news.take([{ ...run, lanes: [stuckLane(help)], trouble: { message: 'It is full.', remedy: 'free_disk' } }])).toEqual([
      { title: 'Batch 12 needs you', body: 'The disk is full: free some space.' },
    ]);
  });

  it('tell nothing where the operator paused it', () => {
    const news = new BatchNews();
    news.take([run]);
    expect(news.take([{ ...run, state: 'paused', lanes: [] }])).toEqual([]);
  });
});

describe('the progress on the taskbar', () => {
  it('is that of all batches under way together, and none where nothing is', () => {
    const news = new BatchNews();
    expect(news.progress).toEqual({ fraction: -1, mode: 'none' });
    news.take([{ ...run, asked: 100, outcomes: { cancelled: 40, unknown: 10, waiting: 50 } }]);
    expect(news.progress).toEqual({ fraction: 0.5, mode: 'normal' });
    news.take([{ ...fakeRun(13, connections), asked: 100, outcomes: { waiting: 100 }, state: 'paused' }, fakeBatch(14)]);
    expect(news.progress).toEqual({ fraction: 0.25, mode: 'normal' });
    news.take([{ ...run, ...ended }]);
    expect(news.progress).toEqual({ fraction: 0, mode: 'paused' });
  });

  it('is red where something waits for the operator', () => {
    const news = new BatchNews();
    news.take([{ ...run, lanes: [stuckLane('check_network')] }]);
    expect(news.progress.mode).toBe('error');
  });
});

it('keeps the machine awake from the armed seconds to the last outcome, and not while paused', () => {
  const news = new BatchNews();
  const awakeIn = (['planned', 'armed', 'running', 'paused', 'stopping', 'interrupted', 'stopped', 'finished'] as const).filter((state) => {
    news.take([{ ...run, state }]);
    return news.awake;
  });
  expect(awakeIn).toEqual(['armed', 'running', 'stopping']);
  news.take([run]);
  news.forget();
  expect(news.awake).toBe(false);
});

it('says before a quit what will happen', () => {
  const one = quitQuestion([{ ...run, outcomes: { waiting: 1 } }]);
  expect(one.message).toBe('Batch 12 is running. Quit all the same?');
  expect(one.detail).toContain('1 session is still to be asked for. At the next start the batch is shown as interrupted, and nothing goes on until you resume.');
  expect(quitQuestion([run, fakeRun(13, connections)]).message).toBe('Batches 12, 13 are running. Quit all the same?');
});
