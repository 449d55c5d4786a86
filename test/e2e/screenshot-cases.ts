/** The screen states that have baseline screenshots, and the variants of each. */
import { expect, type Page } from '@playwright/test';
import type { Batch, Feed, Language } from '../../src-main/contract/index.ts';
import { fakeBatch, fakeRunningBatch } from '../support/fake-batches.ts';
import { fakeConnection } from '../support/fake-api-client.ts';
import type { FakeApiOptions } from '../support/fake-api-client.ts';
import type { LongListOptions } from '../support/fake-long-list.ts';
import { screenStates } from './screen-states.ts';
import type { ScreenState } from './screen-states.ts';

/** The time in every screenshot. */
export const frozenTime = '2026-11-21T14:02:00.000Z';

/** One screenshot: window width, language and colour scheme. */
export interface ScreenshotVariant {
  readonly width: 960 | 1280 | 1920;
  readonly language: Language;
  readonly colorScheme: 'light' | 'dark';
}

export interface ScreenshotCase {
  /** The folder of its screenshots under `baselines/`. */
  readonly folder: string;
  readonly state: ScreenState;
  readonly variants: readonly ScreenshotVariant[];
  /** Window height in pixels at which the content does not scroll. */
  readonly windowHeight?: number;
}

/** Every case has this variant. */
const standard: ScreenshotVariant = { width: 1280, language: 'en', colorScheme: 'light' };
/** For states with colours of their own. */
const dark: ScreenshotVariant = { ...standard, colorScheme: 'dark' };
/** The smallest window with the longest texts, for the densest states. */
const smallFrench: ScreenshotVariant = { width: 960, language: 'fr-CA', colorScheme: 'light' };
const indonesian: ScreenshotVariant = { ...standard, language: 'id' };
const large: ScreenshotVariant = { ...standard, width: 1920 };

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
    state: { name: 'no session yet', path: '/sessions', options: { sessionCount: 0 } },
    variants: [standard],
  },
  {
    folder: 'sessions-3',
    state: { name: 'three sessions', path: '/sessions', options: { sessionCount: 3 }, prepare: expectRows },
    variants: [standard],
  },
  {
    folder: 'sessions-1m',
    state: { name: 'a million sessions', path: '/sessions', options: longListOptions, prepare: expectRows },
    variants: [standard, dark, large, smallFrench, indonesian],
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
    variants: [standard],
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
    variants: [standard],
  },
];

/** Screenshot folder and variants besides `standard` by screen state name. */
const casesByState: Readonly<Record<string, readonly [folder: string, ...variants: ScreenshotVariant[]]>> = {
  onboarding: ['onboarding'],
  'the panel': ['panel', dark, smallFrench],
  'the cancel dialog': ['cancel', dark],
  'an unknown cancellation outcome': ['cancel-unknown'],
  'a new session': ['add-session'],
  'an import with problems': ['import'],
  'a selection': ['selection'],
  'the filter menu': ['filter'],
  practice: ['practice'],
  'the palette': ['palette'],
  'the keyboard shortcuts': ['keyboard-help'],
  'the review after a restore': ['restore-review', dark],
  'workspace error: database_damaged': ['workspace-error'],
  'no batch': ['batches-0'],
  batches: ['batches'],
  'a plan': ['batch-plan', indonesian],
  'the confirmation of a plan': ['batch-confirmation'],
  'a running batch': ['batch-run', smallFrench],
  results: ['batch-results', dark],
  'the audit log': ['audit', smallFrench],
  'a record': ['audit-record'],
  'a log that is intact': ['audit-intact'],
  'a log that is damaged': ['audit-damaged', dark],
  connections: ['connections', smallFrench],
  'a new connection': ['add-connection'],
  'a new feed': ['add-feed'],
  settings: ['settings', dark, indonesian],
  'a diagnostics bundle': ['diagnostics'],
};
const heightByFolder: Readonly<Record<string, number>> = { settings: 2_400, connections: 1_000 };

export const screenshotCases: readonly ScreenshotCase[] = [
  ...listCases,
  ...batchCases,
  ...Object.entries(casesByState).map(([name, [folder, ...variants]]): ScreenshotCase => ({
    folder,
    state: findScreenState(name),
    variants: [standard, ...variants],
    ...(heightByFolder[folder] && { windowHeight: heightByFolder[folder] }),
  })),
].map((each) => ({ ...each, state: { ...each.state, options: freezeTimes(each.state.options) } }));
