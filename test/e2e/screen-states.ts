/** Every state of the screen on the fake desk, by name: what a rule about the whole screen is held against. */
import { expect, type Locator, type Page } from '@playwright/test';
import type { AuditVerdict, CallName, ImportPreview, ImportState } from '../../src-main/contract/index.ts';
import { fakeBatch, fakeRun, ended } from '../support/fake-batches.ts';
import { fakeConnection, fakeFeed } from '../support/fake-api-client.ts';
import type { FakeOptions } from '../support/fake-api-client.ts';

export interface ScreenState {
  readonly name: string;
  readonly path: string;
  readonly options: FakeOptions;
  /** What brings it about, from the place as it opens. Names are beginnings: a test may lengthen them. */
  readonly show?: (page: Page) => Promise<void>;
  /** What opened the dialog or menu, which gets the focus back; left out where nothing is to be closed. */
  readonly opener?: (page: Page) => Locator;
}

const connections = [1, 2, 3, 4].map((number) => fakeConnection(number));
const many: FakeOptions = { sessions: 200, audit: 300, connections, feeds: [fakeFeed()], batches: [fakeBatch(1)] };
const dialog = (page: Page) => page.getByRole('dialog');
const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).first();
const row = (page: Page) => page.getByRole('row').filter({ hasText: 'Active' }).nth(1);

/** A click on what opens, until what is opened is there. */
const opening =
  (opener: (page: Page) => Locator, opened: (page: Page) => Locator = dialog) =>
  async (page: Page): Promise<void> => {
    await opener(page).click();
    await expect(opened(page).first()).toBeVisible();
  };
const menu = (page: Page) => page.getByRole('menu');

const damaged: AuditVerdict = {
  verdict: 'damaged',
  checked: 300,
  verified: 280,
  keyNotAvailable: [{ from: 3, to: 9 }],
  head: { sequence: 320, place: 'this_run' },
  newerThanHead: 1,
  tornWrite: true,
  damages: [
    { kind: 'altered', sequence: 17, recordedBy: null },
    { kind: 'missing', sequence: 90, recordedBy: 91 },
    { kind: 'tail_cut', sequence: 301, recordedBy: null },
  ],
  clockBack: { count: 2, first: 40 },
  durationMs: 12,
};
const problems = [3, 4].map((line) => ({
  line,
  column: 1,
  name: 'session_id',
  message: 'The session id is missing.',
  suggestion: line === 4 ? 'abc-4' : null,
  kind: 'refused' as const,
}));
const preview: ImportPreview = {
  format: 'csv',
  encoding: 'utf-8',
  separator: ',',
  columns: ['session_id', 'total'],
  mapping: { id: 'session_id', amount: 'total' },
  mappingFrom: 'guessed',
  problems,
  fault: null,
  rows: [
    {
      line: 2,
      id: 'abc-1',
      product: 'geft',
      reference: 'Order-1',
      amount: '12.50',
      currency: 'CAD',
      status: null,
      rawStatus: null,
      rawDetail: null,
      subAccount: null,
      createdAt: null,
      expiresAt: null,
      updatedAt: null,
    },
  ],
};
const imported: ImportState = {
  importId: '00000000-0000-4000-8000-0000000000aa',
  fileName: 'list.csv',
  state: 'finished',
  write: true,
  bytesTaken: 100,
  byteLength: 100,
  lines: 5,
  added: 3,
  updated: 0,
  unchanged: 0,
  refused: 2,
  warnings: 0,
  fault: null,
};
const failed = (...calls: CallName[]): FakeOptions => ({
  ...many,
  errors: Object.fromEntries(
    calls.map((call) => [
      call,
      { code: 'internal', message: 'The record could not be read just now.', retryable: true, details: {} },
    ]),
  ),
});

async function openImport(page: Page): Promise<void> {
  await button(page, 'Add session').click();
  await button(page, 'Import sessions').click();
  await dialog(page).getByLabel('Or paste').fill('session_id,total\nabc-1,12.50\n,1\n');
  await expect(dialog(page).getByText('abc-1')).toBeVisible();
}

const sessions: readonly ScreenState[] = [
  { name: 'first run', path: '/sessions', options: { sessions: 0, connections: [] } },
  { name: 'sessions', path: '/sessions', options: many },
  { name: 'no session matches', path: '/sessions?search=nothing-like-it', options: many },
  { name: 'sessions could not be read', path: '/sessions', options: failed('sessions.page') },
  ...(
    [
      ['the filter menu', 'Filter'],
      ['the views', 'Views'],
      ['the display menu', 'Display'],
    ] as const
  ).map(([name, opener]): ScreenState => ({
    name,
    path: '/sessions',
    options: many,
    opener: (page) => button(page, opener),
    show: opening(
      (page) => button(page, opener),
      (page) => page.locator('[data-state="open"][role]').first(),
    ),
  })),
  {
    name: 'a view being named',
    path: '/sessions',
    options: many,
    opener: (page) => button(page, 'Views'),
    async show(page) {
      await button(page, 'Views').click();
      await page.getByRole('menuitem', { name: 'Save this view' }).click();
      await expect(dialog(page)).toBeVisible();
    },
  },
  {
    name: 'a selection',
    path: '/sessions',
    options: many,
    async show(page) {
      await row(page).click({ modifiers: ['Control'] });
      await expect(page.getByText('1 selected')).toBeVisible();
    },
  },
  {
    name: 'the panel',
    path: '/sessions',
    options: many,
    async show(page) {
      await row(page).click();
      await expect(page.getByRole('complementary').getByText('Timeline')).toBeVisible();
    },
  },
  {
    name: 'a note being written',
    path: '/sessions/3',
    options: many,
    opener: (page) => button(page, 'Add note'),
    show: opening(
      (page) => button(page, 'Add note'),
      (page) => page.getByRole('textbox', { name: 'Note' }),
    ),
  },
  {
    name: 'the cancel dialog',
    path: '/sessions/3',
    options: many,
    opener: (page) => button(page, 'Cancel session'),
    show: opening((page) => button(page, 'Cancel session')),
  },
  {
    name: 'a cancellation nobody knows the end of',
    path: '/sessions/3',
    options: { ...many, outcome: { state: 'unknown', cause: 'timed_out', confirmedBy: null } },
    async show(page) {
      await button(page, 'Cancel session').click();
      await dialog(page).getByLabel('Reason').selectOption({ index: 1 });
      await dialog(page).getByRole('button', { name: 'Cancel session' }).click();
      await expect(dialog(page).getByRole('button', { name: 'Check with provider' })).toBeFocused();
    },
  },
  {
    name: 'a new session',
    path: '/sessions',
    options: many,
    opener: (page) => button(page, 'Add session'),
    show: opening((page) => button(page, 'Add session')),
  },
  {
    name: 'an event',
    path: '/sessions',
    options: many,
    async show(page) {
      await button(page, 'Add session').click();
      await button(page, 'Take a webhook event').click();
      await expect(dialog(page).getByLabel('Body')).toBeVisible();
    },
  },
  {
    name: 'an import with problems',
    path: '/sessions',
    options: { ...many, answers: { 'imports.preview': preview } },
    show: openImport,
  },
  {
    name: 'an import that ended with problems',
    path: '/sessions',
    options: {
      ...many,
      answers: {
        'imports.preview': preview,
        'imports.begin': imported,
        'imports.chunk': imported,
        'imports.finish': imported,
        'imports.problems': { rows: problems, total: 2, kept: 2 },
      },
    },
    async show(page) {
      await openImport(page);
      await dialog(page)
        .getByRole('button', { name: /^Import / })
        .click();
      await expect(
        dialog(page)
          .getByText('list.csv is imported')
          .or(dialog(page).getByText(/is imported/)),
      ).toBeVisible();
    },
  },
  {
    name: 'an export of sessions',
    path: '/sessions',
    options: many,
    opener: (page) => button(page, 'Export…'),
    async show(page) {
      await row(page).click({ modifiers: ['Control'] });
      await button(page, 'Export…').click();
      await expect(dialog(page)).toBeVisible();
    },
  },
];

const frame: readonly ScreenState[] = [
  { name: 'practice', path: '/sessions', options: { ...many, state: { workspace: 'practice' } } },
  {
    name: 'the palette',
    path: '/settings',
    options: many,
    opener: (page) => button(page, 'Commands'),
    async show(page) {
      await button(page, 'Commands').click();
      await page.keyboard.type('o');
      await expect(page.getByRole('option').first()).toBeVisible();
    },
  },
  {
    name: 'the keys',
    path: '/settings',
    options: many,
    opener: (page) => button(page, 'Show all keys'),
    show: opening((page) => button(page, 'Show all keys')),
  },
  ...(['already_running', 'database_damaged', 'disk_full'] as const).map((code): ScreenState => ({
    name: `trouble: ${code}`,
    path: '/sessions',
    options: {
      ...many,
      state: {
        trouble: {
          code,
          message: 'What happened, and what helps against it, in two sentences. This is the second.',
          retryable: true,
          details: {},
        },
      },
    },
  })),
];

const audit: readonly ScreenState[] = [
  { name: 'an empty log', path: '/audit', options: { audit: 0 } },
  { name: 'the audit log', path: '/audit', options: many },
  { name: 'the log could not be read', path: '/audit', options: failed('audit.page') },
  { name: 'the audit log, narrowed', path: '/audit?outcome=unknown&operator=maria&from=2020-01-01', options: many },
  {
    name: 'the filters of the log',
    path: '/audit',
    options: many,
    opener: (page) => button(page, 'Filter'),
    show: opening((page) => button(page, 'Filter'), menu),
  },
  {
    name: 'more filters of the log',
    path: '/audit',
    options: many,
    opener: (page) => button(page, 'Filter'),
    async show(page) {
      await button(page, 'Filter').click();
      await page.getByRole('menuitem', { name: 'Operator, days or session id' }).click();
      await expect(dialog(page)).toBeVisible();
    },
  },
  {
    name: 'the chart as a table',
    path: '/audit',
    options: many,
    async show(page) {
      await page.getByText('As a table').click();
      await expect(page.getByRole('table')).toBeVisible();
    },
  },
  {
    name: 'a record',
    path: '/audit/17',
    options: many,
    show: (page) => expect(page.getByText('Follows record 16')).toBeVisible(),
  },
  ...(
    [
      ['intact', { ...damaged, verdict: 'intact', damages: [], keyNotAvailable: [] }],
      ['damaged', damaged],
    ] as const
  ).map(([name, verdict]): ScreenState => ({
    name: `a log that is ${name}`,
    path: '/audit',
    options: { ...many, answers: { 'audit.verify': verdict } },
    show: opening(
      (page) => button(page, 'Verify'),
      (page) => button(page, 'Dismiss'),
    ),
    opener: (page) => button(page, 'Verify'),
  })),
  {
    name: 'an export of the log',
    path: '/audit',
    options: many,
    opener: (page) => button(page, 'Export…'),
    show: opening((page) => button(page, 'Export…')),
  },
];

const ofFirst = (item: string): Pick<ScreenState, 'show' | 'opener'> => ({
  opener: (page) => button(page, /^More for Flinks Canada/),
  async show(page) {
    await button(page, /^More for Flinks Canada/).click();
    await page.getByRole('menuitem', { name: item }).click();
    await expect(dialog(page)).toBeVisible();
  },
});
const ofFeed = (item: string): Pick<ScreenState, 'show' | 'opener'> => ({
  opener: (page) => button(page, /^More for Web shop/),
  async show(page) {
    await button(page, /^More for Web shop/).click();
    await page.getByRole('menuitem', { name: item }).click();
    await expect(dialog(page)).toBeVisible();
  },
});

const places: readonly ScreenState[] = [
  { name: 'no batch', path: '/batches', options: { sessions: 3, batches: [] } },
  {
    name: 'batches',
    path: '/batches',
    options: { ...many, batches: [fakeRun(3, connections), fakeBatch(2, ended), fakeBatch(1)] },
  },
  {
    name: 'a plan',
    path: `/batches/${fakeBatch(1).id}`,
    options: many,
    show: (page) => expect(button(page, /^Cancel [\d,]+ sessions/)).toBeVisible(),
  },
  {
    name: 'the confirmation of a plan',
    path: `/batches/${fakeBatch(1).id}`,
    options: many,
    opener: (page) => button(page, /^Cancel [\d,]+ sessions/),
    show: opening((page) => button(page, /^Cancel [\d,]+ sessions/)),
  },
  {
    name: 'a run',
    path: `/batches/${fakeBatch(1).id}`,
    options: { ...many, batches: [fakeRun(1, connections)] },
    show: (page) => expect(button(page, 'Pause')).toBeVisible(),
  },
  {
    name: 'the question before a stop',
    path: `/batches/${fakeBatch(1).id}`,
    options: { ...many, batches: [fakeRun(1, connections)] },
    opener: (page) => button(page, 'Stop'),
    show: opening((page) => button(page, 'Stop')),
  },
  {
    name: 'results',
    path: `/batches/${fakeBatch(1).id}`,
    options: { ...many, batches: [fakeBatch(1, ended)] },
    show: (page) => expect(button(page, 'Export')).toBeVisible(),
  },
  {
    name: 'the export of results',
    path: `/batches/${fakeBatch(1).id}`,
    options: { ...many, batches: [fakeBatch(1, ended)] },
    opener: (page) => button(page, 'Export'),
    show: opening((page) => button(page, 'Export')),
  },
  { name: 'connections', path: '/connections', options: many },
  { name: 'connections could not be read', path: '/connections', options: failed('connections.list') },
  {
    name: 'a new connection',
    path: '/connections',
    options: many,
    opener: (page) => button(page, 'Connect a provider'),
    show: opening((page) => button(page, 'Connect a provider')),
  },
  { name: 'the pace', path: '/connections', options: many, ...ofFirst('Pace') },
  { name: 'another secret', path: '/connections', options: many, ...ofFirst('Replace secret') },
  { name: 'the removal of a connection', path: '/connections', options: many, ...ofFirst('Remove') },
  {
    name: 'a new feed',
    path: '/connections',
    options: many,
    opener: (page) => button(page, 'Add feed'),
    show: opening((page) => button(page, 'Add feed')),
  },
  { name: 'when a feed runs', path: '/connections', options: many, ...ofFeed('Change') },
  { name: 'the secret of a feed', path: '/connections', options: many, ...ofFeed('Replace secret') },
  { name: 'the removal of a feed', path: '/connections', options: many, ...ofFeed('Remove') },
];

const settings: readonly ScreenState[] = [
  {
    name: 'settings',
    path: '/settings',
    options: many,
    async show(page) {
      await page.getByText(/^Made with/).click();
      await button(page, 'Count them').click();
      await expect(button(page, /^Remove [\d,]+ sessions/)).toBeVisible();
    },
  },
  { name: 'settings that could not be read', path: '/settings', options: failed('settings.get', 'backups.list') },
  {
    name: 'a reason that is there already',
    path: '/settings',
    options: many,
    async show(page) {
      await page.getByLabel('Another reason').fill('Duplicate payment');
      await page.keyboard.press('Enter');
      await button(page, 'Add').click();
      await expect(
        page.getByText('Write a reason').or(page.getByText('is there already')).or(page.getByText('was added')).first(),
      ).toBeVisible();
    },
  },
  {
    name: 'a restore',
    path: '/settings',
    options: many,
    opener: (page) => button(page, /^Restore the backup/),
    show: opening((page) => button(page, /^Restore the backup/)),
  },
  {
    name: 'the removal of old sessions',
    path: '/settings',
    options: many,
    opener: (page) => button(page, /^Remove [\d,]+ sessions/),
    async show(page) {
      await button(page, 'Count them').click();
      await button(page, /^Remove [\d,]+ sessions/).click();
      await expect(dialog(page)).toBeVisible();
    },
  },
  {
    name: 'a diagnostics bundle',
    path: '/settings',
    options: many,
    opener: (page) => button(page, 'Look at a bundle'),
    async show(page) {
      await button(page, 'Look at a bundle').click();
      await dialog(page).getByText('about.json').click();
      await expect(dialog(page).getByText('"version"')).toBeVisible();
    },
  },
];

export const screenStates: readonly ScreenState[] = [...sessions, ...frame, ...audit, ...places, ...settings];

/** Opens the page that is served at `origin` in this state. */
export async function bringAbout(page: Page, origin: string, { path, options, show }: ScreenState): Promise<void> {
  // The same page with another address alone would not be loaded anew.
  await page.goto('about:blank');
  await page.goto(`${origin}?options=${encodeURIComponent(JSON.stringify(options))}#${path}`);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await show?.(page);
}
