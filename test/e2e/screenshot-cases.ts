/** What is photographed, and how: the states of the screen whose looks are kept. */
import { expect, type Page } from '@playwright/test';
import type { Batch, Feed } from '../../src-main/contract/index.ts';
import { fakeBatch, fakeRunningBatch } from '../support/fake-batches.ts';
import { fakeConnection } from '../support/fake-api-client.ts';
import type { FakeApiOptions } from '../support/fake-api-client.ts';
import type { LongListOptions } from '../support/fake-long-list.ts';
import { screenStates } from './screen-states.ts';
import type { ScreenState } from './screen-states.ts';

/** The moment that every picture shows. */
export const frozenTime = '2026-11-21T14:02:00.000Z';

export interface ScreenshotCase {
  /** The folder of its pictures. */
  readonly folder: string;
  readonly state: ScreenState;
  /** In every size and scheme, since it is what people look at all day. */
  readonly allSizes?: boolean;
  /** Pixels; what scrolls is shown whole in a window as high as this. */
  readonly windowHeight?: number;
}

const timeFromFrozen = (seconds: number): string => new Date(Date.parse(frozenTime) + seconds * 1_000).toISOString();

/** The fakes take the hour at which they are made; a picture is of one moment. */
function freezeTimes({ batches, feeds, ...rest }: FakeApiOptions): FakeApiOptions {
  const at = (was: string | null, seconds: number): string | null => (was === null ? null : timeFromFrozen(seconds));
  return {
    ...rest,
    ...(batches && {
      batches: batches.map((batch): Batch => ({
        ...batch,
        createdAt: timeFromFrozen(-420),
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

function findScreenState(name: string): ScreenState {
  const state = screenStates.find((each) => each.name === name);
  if (!state) throw new Error(`There is no state "${name}".`);
  return state;
}

const connections = [1, 2, 3, 4].map((number) => fakeConnection(number));
const expectRows = (page: Page) => expect(page.getByRole('row').nth(1)).toBeVisible();
const batchScreenState = (name: string, batch: Batch, button: string): ScreenState => ({
  name,
  path: `/batches/${batch.id}`,
  options: { sessionCount: 200, connections, batches: [batch] },
  prepare: (page) => expect(page.getByRole('button', { name: button }).first()).toBeVisible(),
});

const longListOptions: LongListOptions = { sessionCount: 3, thousandsOfSessions: 1_000 };
const listCases: readonly ScreenshotCase[] = [
  {
    folder: 'sessions-0',
    allSizes: true,
    state: { name: 'no session yet', path: '/sessions', options: { sessionCount: 0 } },
  },
  {
    folder: 'sessions-3',
    allSizes: true,
    state: { name: 'three sessions', path: '/sessions', options: { sessionCount: 3 }, prepare: expectRows },
  },
  {
    folder: 'sessions-1m',
    allSizes: true,
    state: { name: 'a million sessions', path: '/sessions', options: longListOptions, prepare: expectRows },
  },
];

const batchCases: readonly ScreenshotCase[] = [
  {
    folder: 'batch-countdown',
    state: batchScreenState(
      'batch countdown',
      fakeBatch(1, { state: 'armed', expiresAt: null, startsAt: timeFromFrozen(4), confirmedAt: timeFromFrozen(-1) }),
      'Abort batch',
    ),
  },
  {
    folder: 'batch-paused',
    state: batchScreenState(
      'paused',
      fakeRunningBatch(1, connections, {
        state: 'paused',
        perSecond: 0,
        remainingSeconds: null,
        connections: fakeRunningBatch(1, connections).connections.map((connection) => ({
          ...connection,
          state: 'paused',
          inFlight: 0,
          perSecond: 0,
        })),
      }),
      'Resume',
    ),
  },
];

/** The folder of each, by its name among the states. */
const folderByState: Readonly<Record<string, string>> = {
  onboarding: 'onboarding',
  'the panel': 'panel',
  'the cancel dialog': 'cancel',
  'a cancellation nobody knows the end of': 'cancel-unknown',
  'a new session': 'add-session',
  'an import with problems': 'import',
  'a selection': 'selection',
  'the filter menu': 'filter',
  practice: 'practice',
  'the palette': 'palette',
  'the keys': 'keyboard-help',
  'workspace error: database_damaged': 'workspace-error',
  'no batch': 'batches-0',
  batches: 'batches',
  'a plan': 'batch-plan',
  'the confirmation of a plan': 'batch-confirmation',
  'a running batch': 'batch-run',
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
const heightByFolder: Readonly<Record<string, number>> = { settings: 2_200, connections: 1_000 };

export const screenshotCases: readonly ScreenshotCase[] = [
  ...listCases,
  ...batchCases,
  ...Object.entries(folderByState).map(([name, folder]): ScreenshotCase => ({
    folder,
    state: findScreenState(name),
    ...(heightByFolder[folder] && { windowHeight: heightByFolder[folder] }),
  })),
].map((each) => ({ ...each, state: { ...each.state, options: freezeTimes(each.state.options) } }));
