/** What is photographed, and how: the states of the screen whose looks are kept. */
import { expect, type Page } from '@playwright/test';
import type { Batch, Feed } from '../../src-main/contract/index.ts';
import { fakeBatch, fakeRun } from '../support/fake-batches.ts';
import { fakeConnection } from '../support/fake-api-client.ts';
import type { FakeOptions } from '../support/fake-api-client.ts';
import type { LongOptions } from '../support/fake-long-list.ts';
import { screenStates } from './screen-states.ts';
import type { ScreenState } from './screen-states.ts';

/** The moment that every picture shows. */
export const moment = '2026-11-21T14:02:00.000Z';

export interface Pictured {
  /** The folder of its pictures. */
  readonly folder: string;
  readonly state: ScreenState;
  /** In every size and scheme, since it is what people look at all day. */
  readonly everySize?: boolean;
  /** Pixels; what scrolls is shown whole in a window as high as this. */
  readonly height?: number;
}

const fromNow = (seconds: number): string => new Date(Date.parse(moment) + seconds * 1_000).toISOString();

/** The fakes take the hour at which they are made; a picture is of one moment. */
function still({ batches, feeds, ...rest }: FakeOptions): FakeOptions {
  const at = (was: string | null, seconds: number): string | null => (was === null ? null : fromNow(seconds));
  return {
    ...rest,
    ...(batches && {
      batches: batches.map((batch): Batch => ({
        ...batch,
        createdAt: fromNow(-420),
        expiresAt: at(batch.expiresAt, 1_380),
        confirmedAt: at(batch.confirmedAt, -300),
        startsAt: at(batch.startsAt, 4),
        startedAt: at(batch.startedAt, -295),
        endedAt: at(batch.endedAt, -20),
      })),
    }),
    ...(feeds && {
      feeds: feeds.map((feed): Feed => ({
        ...feed,
        lastRunAt: at(feed.lastRunAt, -180),
        nextRunAt: at(feed.nextRunAt, 120),
      })),
    }),
  };
}

function named(name: string): ScreenState {
  const state = screenStates.find((each) => each.name === name);
  if (!state) throw new Error(`There is no state "${name}".`);
  return state;
}

const connections = [1, 2, 3, 4].map((number) => fakeConnection(number));
const rows = (page: Page) => expect(page.getByRole('row').nth(1)).toBeVisible();
const ofBatch = (name: string, batch: Batch, button: string): ScreenState => ({
  name,
  path: `/batches/${batch.id}`,
  options: { sessions: 200, connections, batches: [batch] },
  show: (page) => expect(page.getByRole('button', { name: button }).first()).toBeVisible(),
});

const long: LongOptions = { sessions: 3, thousands: 1_000 };
const lists: readonly Pictured[] = [
  {
    folder: 'sessions-0',
    everySize: true,
    state: { name: 'no session yet', path: '/sessions', options: { sessions: 0 } },
  },
  {
    folder: 'sessions-3',
    everySize: true,
    state: { name: 'three sessions', path: '/sessions', options: { sessions: 3 }, show: rows },
  },
  {
    folder: 'sessions-1m',
    everySize: true,
    state: { name: 'a million sessions', path: '/sessions', options: long, show: rows },
  },
];

const batches: readonly Pictured[] = [
  {
    folder: 'batch-armed',
    state: ofBatch(
      'armed',
      fakeBatch(1, { state: 'armed', expiresAt: null, startsAt: fromNow(4), confirmedAt: fromNow(-1) }),
      'Call it off',
    ),
  },
  {
    folder: 'batch-paused',
    state: ofBatch(
      'paused',
      fakeRun(1, connections, {
        state: 'paused',
        perSecond: 0,
        secondsLeft: null,
        lanes: fakeRun(1, connections).lanes.map((lane) => ({ ...lane, state: 'paused', inFlight: 0, perSecond: 0 })),
      }),
      'Resume',
    ),
  },
];

/** The folder of each, by its name among the states. */
const folders: Readonly<Record<string, string>> = {
  'first run': 'first-run',
  'the panel': 'panel',
  'the cancel dialog': 'cancel',
  'a cancellation nobody knows the end of': 'cancel-unknown',
  'a new session': 'add-session',
  'an import with problems': 'import',
  'a selection': 'selection',
  'the filter menu': 'filter',
  practice: 'practice',
  'the palette': 'palette',
  'the keys': 'keys',
  'trouble: database_damaged': 'trouble',
  'no batch': 'batches-0',
  batches: 'batches',
  'a plan': 'batch-plan',
  'the confirmation of a plan': 'batch-confirmation',
  'a run': 'batch-run',
  results: 'batch-results',
  'the audit log': 'audit',
  'a record': 'audit-record',
  'a log that is intact': 'audit-intact',
  'a log that is damaged': 'audit-damaged',
  connections: 'connections',
  'a new connection': 'add-connection',
  'a new feed': 'add-feed',
  settings: 'settings',
  'a diagnostics bundle': 'diagnostics',
};
const heights: Readonly<Record<string, number>> = { settings: 2_200, connections: 1_000 };

export const pictured: readonly Pictured[] = [
  ...lists,
  ...batches,
  ...Object.entries(folders).map(([name, folder]): Pictured => ({
    folder,
    state: named(name),
    ...(heights[folder] && { height: heights[folder] }),
  })),
].map((each) => ({ ...each, state: { ...each.state, options: still(each.state.options) } }));
