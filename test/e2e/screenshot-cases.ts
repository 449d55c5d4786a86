/** The screen states that have baseline screenshots, and their sizes. */
import { expect, type Page } from '@playwright/test';
import type { Batch, Feed } from '../../src-main/contract/index.ts';
import { fakeBatch, fakeRunningBatch } from '../support/fake-batches.ts';
import { fakeConnection } from '../support/fake-api-client.ts';
import type { FakeApiOptions } from '../support/fake-api-client.ts';
import type { LongListOptions } from '../support/fake-long-list.ts';
import { screenStates } from './screen-states.ts';
import type { ScreenState } from './screen-states.ts';

/** The time in every screenshot. */
export const frozenTime = '2026-11-21T14:02:00.000Z';

export interface ScreenshotCase {
  /** The folder of its screenshots under `baselines/`. */
  readonly folder: string;
  readonly state: ScreenState;
  /** Whether it has a screenshot in every size and theme. Used for the views that operators use most. */
  readonly allSizes?: boolean;
  /** Window height in pixels at which the content does not scroll. */
  readonly windowHeight?: number;
}

const timeFromFrozen = (seconds: number): string => new Date(Date.parse(frozenTime) + seconds * 1_000).toISOString();

/** Replaces the current times of the fakes by fixed times. */
function freezeTimes({ batches, feeds, ...rest }: FakeApiOptions): FakeApiOptions {
  const freeze = (time: string | null, seconds: number): string | null =>
    time === null ? null : timeFromFrozen(seconds);
  return {
    ...rest,
    ...(batches && {
      batches: batches.map((batch): Batch => ({
        ...batch,
        createdAt: timeFromFrozen(-420),
        expiresAt: freeze(batch.expiresAt, 1_380),
        confirmedAt: freeze(batch.confirmedAt, -300),
        startsAt: freeze(batch.startsAt, 4),
        startedAt: freeze(batch.startedAt, -295),
        endedAt: freeze(batch.endedAt, -20),
      })),
    }),
    ...(feeds && {
      feeds: feeds.map((feed): Feed => ({
        ...feed,
        lastRunAt: freeze(feed.lastRunAt, -180),
        nextRunAt: freeze(feed.nextRunAt, 120),
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

/** Screenshot folder by screen state name. */
const folderByState: Readonly<Record<string, string>> = {
  onboarding: 'onboarding',
  'the panel': 'panel',
  'the cancel dialog': 'cancel',
  'an unknown cancellation outcome': 'cancel-unknown',
  'a new session': 'add-session',
  'an import with problems': 'import',
  'a selection': 'selection',
  'the filter menu': 'filter',
  practice: 'practice',
  'the palette': 'palette',
  'the keyboard shortcuts': 'keyboard-help',
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
