/** Named screen states with the fake client. Tests check rules for every screen against them. */
import { expect, type Locator, type Page } from '@playwright/test';
import type {
  CallName,
  ConnectionTestResult,
  ImportPreview,
  ImportState,
  Language,
  VerificationResult,
} from '../../src-main/contract/index.ts';
import { fakeBatch, fakeRunningBatch, finishedBatchFields } from '../support/fake-batches.ts';
import { fakeConnection, fakeFeed } from '../support/fake-api-client.ts';
import type { FakeApiOptions } from '../support/fake-api-client.ts';
import { fakeCallError, fakeMessage } from '../support/fake-messages.ts';

export interface ScreenState {
  readonly name: string;
  readonly path: string;
  readonly options: FakeApiOptions;
  /** Creates the state after the view has opened. Matches names by their beginning, because tests lengthen texts. */
  readonly prepare?: (page: Page) => Promise<void>;
  /** The element that opened the dialog or menu and gets the focus back. Absent if nothing can be closed. */
  readonly opener?: (page: Page) => Locator;
}

const connections = [1, 2, 3, 4].map((number) => fakeConnection(number));
const populatedOptions: FakeApiOptions = {
  sessionCount: 200,
  auditRecordCount: 300,
  connections,
  feeds: [fakeFeed()],
  batches: [fakeBatch(1)],
};
const dialog = (page: Page) => page.getByRole('dialog');
const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).first();
const row = (page: Page) => page.getByRole('row').filter({ hasText: 'Active' }).nth(1);

/** Clicks the opener and waits for the opened element. */
const clickToOpen =
  (opener: (page: Page) => Locator, opened: (page: Page) => Locator = dialog) =>
  async (page: Page): Promise<void> => {
    await opener(page).click();
    await expect(opened(page).first()).toBeVisible();
  };
const menu = (page: Page) => page.getByRole('menu');

const damagedResult: VerificationResult = {
  result: 'damaged',
  checked: 300,
  verified: 280,
  missingKeyRanges: [{ from: 3, to: 9 }],
  head: { sequence: 320, location: 'memory' },
  recordsAfterHead: 1,
  incompleteWrite: true,
  damages: [
    { kind: 'altered', sequence: 17, recordedInSequence: null },
    { kind: 'missing', sequence: 90, recordedInSequence: 91 },
    { kind: 'tail_cut', sequence: 301, recordedInSequence: null },
  ],
  clockRegressions: { count: 2, firstSequence: 40 },
  durationMs: 12,
};
const importProblems = [3, 4].map((line) => ({
  line,
  column: 1,
  name: 'session_id',
  ...fakeMessage('The session id is missing.'),
  suggestion: line === 4 ? 'abc-4' : null,
  kind: 'refused' as const,
}));
const importPreview: ImportPreview = {
  format: 'csv',
  encoding: 'utf-8',
  separator: ',',
  columns: ['session_id', 'total'],
  mapping: { id: 'session_id', amount: 'total' },
  mappingSource: 'guessed',
  problems: importProblems,
  error: null,
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
const finishedImport: ImportState = {
  importId: '00000000-0000-4000-8000-0000000000aa',
  fileName: 'list.csv',
  state: 'finished',
  shouldWrite: true,
  bytesReceived: 100,
  byteLength: 100,
  lines: 5,
  added: 3,
  updated: 0,
  unchanged: 0,
  refused: 2,
  warnings: 0,
  error: null,
};
const failingCalls = (...calls: CallName[]): FakeApiOptions => ({
  ...populatedOptions,
  errors: Object.fromEntries(
    calls.map((call) => [
      call,
      fakeCallError('internal', 'The record could not be read just now.', { retryable: true }),
    ]),
  ),
});

async function cancelSession(page: Page): Promise<void> {
  await button(page, 'Cancel session').click();
  await dialog(page).getByLabel('Reason').selectOption({ index: 1 });
  await dialog(page).getByRole('button', { name: 'Cancel session' }).click();
}

async function openImport(page: Page): Promise<void> {
  await button(page, 'Add session').click();
  await button(page, 'Import sessions').click();
  await dialog(page).getByLabel('Or paste').fill('session_id,total\nabc-1,12.50\n,1\n');
  await expect(dialog(page).getByText('abc-1')).toBeVisible();
}

const sessionStates: readonly ScreenState[] = [
  { name: 'onboarding', path: '/sessions', options: { sessionCount: 0, connections: [] } },
  { name: 'sessions', path: '/sessions', options: populatedOptions },
  { name: 'no session matches', path: '/sessions?search=nothing-like-it', options: populatedOptions },
  { name: 'sessions could not be read', path: '/sessions', options: failingCalls('sessions.list') },
  ...(
    [
      ['the filter menu', 'Filter'],
      ['the views', 'Views'],
      ['the display menu', 'Display'],
    ] as const
  ).map(([name, opener]): ScreenState => ({
    name,
    path: '/sessions',
    options: populatedOptions,
    opener: (page) => button(page, opener),
    prepare: clickToOpen(
      (page) => button(page, opener),
      (page) => page.locator('[data-state="open"][role]').first(),
    ),
  })),
  {
    name: 'the save view dialog',
    path: '/sessions',
    options: populatedOptions,
    opener: (page) => button(page, 'Views'),
    async prepare(page) {
      await button(page, 'Views').click();
      await page.getByRole('menuitem', { name: 'Save this view' }).click();
      await expect(dialog(page)).toBeVisible();
    },
  },
  {
    name: 'a selection',
    path: '/sessions?status=active,unknown&older=1h',
    options: populatedOptions,
    async prepare(page) {
      await row(page).click({ modifiers: ['Control'] });
      await expect(page.getByText('1 selected')).toBeVisible();
    },
  },
  {
    name: 'the panel',
    path: '/sessions',
    options: populatedOptions,
    async prepare(page) {
      await row(page).click();
      await expect(page.getByRole('complementary').getByText('Timeline')).toBeVisible();
    },
  },
  {
    name: 'the note editor',
    path: '/sessions/3',
    options: populatedOptions,
    opener: (page) => button(page, 'Add note'),
    prepare: clickToOpen(
      (page) => button(page, 'Add note'),
      (page) => page.getByRole('textbox', { name: 'Note' }),
    ),
  },
  {
    name: 'the cancel dialog',
    path: '/sessions/3',
    options: populatedOptions,
    opener: (page) => button(page, 'Cancel session'),
    prepare: clickToOpen((page) => button(page, 'Cancel session')),
  },
  {
    name: 'a cancelled session',
    path: '/sessions/3',
    options: populatedOptions,
    async prepare(page) {
      await cancelSession(page);
      await expect(dialog(page).getByRole('button', { name: 'Close' }).last()).toBeFocused();
    },
  },
  {
    name: 'an unknown cancellation outcome',
    path: '/sessions/3',
    options: { ...populatedOptions, outcome: { state: 'unknown', cause: 'timed_out', confirmedBy: null } },
    async prepare(page) {
      await cancelSession(page);
      await expect(dialog(page).getByRole('button', { name: 'Check status' })).toBeFocused();
    },
  },
  {
    name: 'a new session',
    path: '/sessions',
    options: populatedOptions,
    opener: (page) => button(page, 'Add session'),
    prepare: clickToOpen((page) => button(page, 'Add session')),
  },
  {
    name: 'the webhook event dialog',
    path: '/sessions',
    options: populatedOptions,
    async prepare(page) {
      await button(page, 'Add session').click();
      await button(page, 'Apply a webhook event').click();
      await expect(dialog(page).getByLabel('Body')).toBeVisible();
    },
  },
  {
    name: 'an import with problems',
    path: '/sessions',
    options: { ...populatedOptions, responses: { 'imports.preview': importPreview } },
    prepare: openImport,
  },
  {
    name: 'an import that ended with problems',
    path: '/sessions',
    options: {
      ...populatedOptions,
      responses: {
        'imports.preview': importPreview,
        'imports.start': finishedImport,
        'imports.addChunk': finishedImport,
        'imports.finish': finishedImport,
        'imports.listProblems': { rows: importProblems, total: 2, retained: 2 },
      },
    },
    async prepare(page) {
      await openImport(page);
      await dialog(page)
        .getByRole('button', { name: /^Import / })
        .click();
      await expect(
        dialog(page)
          .getByText('list.csv was imported')
          .or(dialog(page).getByText(/was imported/)),
      ).toBeVisible();
    },
  },
  {
    name: 'an export of sessions',
    path: '/sessions',
    options: populatedOptions,
    opener: (page) => button(page, 'Export…'),
    async prepare(page) {
      await row(page).click({ modifiers: ['Control'] });
      await button(page, 'Export…').click();
      await expect(dialog(page)).toBeVisible();
    },
  },
];

const frameStates: readonly ScreenState[] = [
  { name: 'practice', path: '/sessions', options: { ...populatedOptions, state: { workspace: 'practice' } } },
  {
    name: 'the palette',
    path: '/settings',
    options: populatedOptions,
    opener: (page) => button(page, 'Commands'),
    async prepare(page) {
      await button(page, 'Commands').click();
      await page.keyboard.type('o');
      await expect(page.getByRole('option').first()).toBeVisible();
    },
  },
  {
    name: 'the palette with sessions',
    path: '/sessions',
    options: populatedOptions,
    opener: (page) => button(page, 'Commands'),
    async prepare(page) {
      await button(page, 'Commands').click();
      await page.keyboard.type('ord');
      await expect(page.locator('.palette [role="option"] .status-icon').first()).toBeVisible();
    },
  },
  {
    name: 'the keyboard shortcuts',
    path: '/settings',
    options: populatedOptions,
    opener: (page) => button(page, 'Show all shortcuts'),
    prepare: clickToOpen((page) => button(page, 'Show all shortcuts')),
  },
  {
    name: 'the review after a restore',
    path: '/sessions',
    options: { ...populatedOptions, state: { isRestoreReviewPending: true } },
    prepare: async (page) => expect(dialog(page).getByRole('listitem')).toHaveCount(3),
  },
  ...(['already_running', 'database_damaged', 'disk_full'] as const).map((code): ScreenState => ({
    name: `workspace error: ${code}`,
    path: '/sessions',
    options: {
      ...populatedOptions,
      state: {
        workspaceError: {
          code,
          ...fakeMessage('What happened, and what helps against it, in two sentences. This is the second.'),
          retryable: true,
          details: {},
        },
      },
    },
  })),
];

const auditStates: readonly ScreenState[] = [
  { name: 'an empty log', path: '/audit', options: { auditRecordCount: 0 } },
  { name: 'the audit log', path: '/audit', options: populatedOptions },
  { name: 'the log could not be read', path: '/audit', options: failingCalls('audit.list') },
  {
    name: 'the filtered audit log',
    path: '/audit?outcome=unknown&operator=maria&from=2020-01-01',
    options: populatedOptions,
  },
  {
    name: 'the filters of the log',
    path: '/audit',
    options: populatedOptions,
    opener: (page) => button(page, 'Filter'),
    prepare: clickToOpen((page) => button(page, 'Filter'), menu),
  },
  {
    name: 'more filters of the log',
    path: '/audit',
    options: populatedOptions,
    opener: (page) => button(page, 'Filter'),
    async prepare(page) {
      await button(page, 'Filter').click();
      await page.getByRole('menuitem', { name: 'Operator, dates or session ID' }).click();
      await expect(dialog(page)).toBeVisible();
    },
  },
  {
    name: 'the chart as a table',
    path: '/audit',
    options: populatedOptions,
    async prepare(page) {
      await page.getByText('Show as table').click();
      await expect(page.getByRole('table')).toBeVisible();
    },
  },
  {
    name: 'a record',
    path: '/audit/17',
    options: populatedOptions,
    prepare: (page) => expect(page.getByText('Follows record 16')).toBeVisible(),
  },
  ...(
    [
      ['intact', { ...damagedResult, result: 'intact', damages: [], missingKeyRanges: [] }],
      ['damaged', damagedResult],
    ] as const
  ).map(([name, result]): ScreenState => ({
    name: `a log that is ${name}`,
    path: '/audit',
    options: { ...populatedOptions, responses: { 'audit.verify': result } },
    prepare: clickToOpen(
      (page) => button(page, 'Verify'),
      (page) => button(page, 'Dismiss'),
    ),
    opener: (page) => button(page, 'Verify'),
  })),
  {
    name: 'an export of the log',
    path: '/audit',
    options: populatedOptions,
    opener: (page) => button(page, 'Export…'),
    prepare: clickToOpen((page) => button(page, 'Export…')),
  },
];

const refusedAddressResult: ConnectionTestResult = {
  result: 'refused',
  cause: 'address_not_allowed',
  durationMs: 12,
  retryAfterMs: null,
  code: 'HTTP 403',
  rejectedIpAddress: '203.0.113.7',
  providerMessage: 'UNAUTHORIZED_SENDER_IP, Request from IP address 203.0.113.7 is not allowed',
};
const timedOutResult: ConnectionTestResult = {
  ...refusedAddressResult,
  result: 'unreachable',
  cause: 'timed_out',
  code: null,
  rejectedIpAddress: null,
  providerMessage: null,
};

const connectionDialogState = (item: string): Pick<ScreenState, 'prepare' | 'opener'> => ({
  opener: (page) => button(page, /^More actions for Flinks Canada/),
  async prepare(page) {
    await button(page, /^More actions for Flinks Canada/).click();
    await page.getByRole('menuitem', { name: item }).click();
    await expect(dialog(page)).toBeVisible();
  },
});
const feedDialogState = (item: string): Pick<ScreenState, 'prepare' | 'opener'> => ({
  opener: (page) => button(page, /^More actions for Web shop/),
  async prepare(page) {
    await button(page, /^More actions for Web shop/).click();
    await page.getByRole('menuitem', { name: item }).click();
    await expect(dialog(page)).toBeVisible();
  },
});

const batchAndConnectionStates: readonly ScreenState[] = [
  { name: 'no batch', path: '/batches', options: { sessionCount: 3, batches: [] } },
  {
    name: 'batches',
    path: '/batches',
    options: {
      ...populatedOptions,
      batches: [fakeRunningBatch(3, connections), fakeBatch(2, finishedBatchFields), fakeBatch(1)],
    },
  },
  {
    name: 'a plan',
    path: `/batches/${fakeBatch(1).id}`,
    options: populatedOptions,
    prepare: (page) => expect(button(page, /^Cancel [\d,]+ sessions/)).toBeVisible(),
  },
  {
    name: 'the confirmation of a plan',
    path: `/batches/${fakeBatch(1).id}`,
    options: populatedOptions,
    opener: (page) => button(page, /^Cancel [\d,]+ sessions/),
    prepare: clickToOpen((page) => button(page, /^Cancel [\d,]+ sessions/)),
  },
  {
    name: 'a confirmation with a wrong count',
    path: `/batches/${fakeBatch(1).id}`,
    options: populatedOptions,
    async prepare(page) {
      await button(page, /^Cancel [\d,]+ sessions/).click();
      await dialog(page).getByLabel('Reason').selectOption({ index: 1 });
      await dialog(page)
        .getByLabel(/^Type [\d,]+/)
        .fill('1');
      await page.keyboard.press('Enter');
      await expect(dialog(page).getByRole('alert')).toBeVisible();
    },
  },
  {
    name: 'a running batch',
    path: `/batches/${fakeBatch(1).id}`,
    options: { ...populatedOptions, batches: [fakeRunningBatch(1, connections)] },
    prepare: (page) => expect(button(page, 'Pause')).toBeVisible(),
  },
  {
    name: 'the stop confirmation',
    path: `/batches/${fakeBatch(1).id}`,
    options: { ...populatedOptions, batches: [fakeRunningBatch(1, connections)] },
    opener: (page) => button(page, 'Stop'),
    prepare: clickToOpen((page) => button(page, 'Stop')),
  },
  {
    name: 'results',
    path: `/batches/${fakeBatch(1).id}`,
    options: { ...populatedOptions, batches: [fakeBatch(1, finishedBatchFields)] },
    prepare: (page) => expect(button(page, 'Export')).toBeVisible(),
  },
  {
    name: 'the export of results',
    path: `/batches/${fakeBatch(1).id}`,
    options: { ...populatedOptions, batches: [fakeBatch(1, finishedBatchFields)] },
    opener: (page) => button(page, 'Export'),
    prepare: clickToOpen((page) => button(page, 'Export')),
  },
  { name: 'connections', path: '/connections', options: populatedOptions },
  { name: 'connections could not be read', path: '/connections', options: failingCalls('connections.list') },
  {
    name: 'connections that need attention',
    path: '/connections',
    options: {
      ...populatedOptions,
      state: { keychain: 'locked' },
      connections: [
        fakeConnection(1, { isLocked: true }),
        fakeConnection(2, { credential: { state: 'missing', lastFour: null, storedAt: null } }),
        fakeConnection(3),
      ],
      responses: { 'connections.test': refusedAddressResult },
    },
    async prepare(page) {
      await page.getByRole('button', { name: 'Test', exact: true }).last().click();
      await expect(page.getByText('This computer’s address is not allowed')).toBeVisible();
    },
  },
  {
    name: 'a connection that did not respond in time',
    path: '/connections',
    options: { ...populatedOptions, responses: { 'connections.test': timedOutResult } },
    async prepare(page) {
      await button(page, 'Test').click();
      await expect(page.getByText('No response in time')).toBeVisible();
      await expect(page.getByText('did not respond. A test changes nothing there.')).toBeVisible();
    },
  },
  {
    name: 'a new connection with errors',
    path: '/connections',
    options: populatedOptions,
    async prepare(page) {
      await button(page, 'Connect a provider').click();
      await dialog(page).getByRole('radio', { name: 'Production' }).check();
      await dialog(page).getByRole('radio', { name: 'Custom address' }).check();
      await dialog(page)
        .getByLabel(/^Base URL/)
        .fill('https://pay-uat.example.com');
      await dialog(page)
        .getByRole('button', { name: /^Connect production and test/ })
        .click();
      await expect(dialog(page).getByText('Confirm that you want to connect a production account.')).toBeVisible();
    },
  },
  {
    name: 'a new connection',
    path: '/connections',
    options: populatedOptions,
    opener: (page) => button(page, 'Connect a provider'),
    prepare: clickToOpen((page) => button(page, 'Connect a provider')),
  },
  {
    name: 'the change of a connection',
    path: '/connections',
    options: populatedOptions,
    ...connectionDialogState('Change'),
  },
  {
    name: 'the deletion of a secret',
    path: '/connections',
    options: populatedOptions,
    ...connectionDialogState('Delete secret'),
  },
  {
    name: 'the rate limit dialog',
    path: '/connections',
    options: populatedOptions,
    ...connectionDialogState('Rate limit'),
  },
  {
    name: 'the replace secret dialog',
    path: '/connections',
    options: populatedOptions,
    ...connectionDialogState('Replace secret'),
  },
  {
    name: 'the removal of a connection',
    path: '/connections',
    options: populatedOptions,
    ...connectionDialogState('Remove'),
  },
  {
    name: 'a new feed',
    path: '/connections',
    options: populatedOptions,
    opener: (page) => button(page, 'Add feed'),
    prepare: clickToOpen((page) => button(page, 'Add feed')),
  },
  { name: 'the feed schedule dialog', path: '/connections', options: populatedOptions, ...feedDialogState('Change') },
  {
    name: 'the secret of a feed',
    path: '/connections',
    options: populatedOptions,
    ...feedDialogState('Replace secret'),
  },
  { name: 'the removal of a feed', path: '/connections', options: populatedOptions, ...feedDialogState('Remove') },
];

const settingsStates: readonly ScreenState[] = [
  {
    name: 'settings',
    path: '/settings',
    options: populatedOptions,
    async prepare(page) {
      await page.getByText(/^\d+ third-party components/).click();
      await button(page, 'Count sessions').click();
      await expect(button(page, /^Remove [\d,]+ sessions/)).toBeVisible();
    },
  },
  { name: 'settings that could not be read', path: '/settings', options: failingCalls('settings.get', 'backups.list') },
  {
    name: 'a duplicate reason',
    path: '/settings',
    options: populatedOptions,
    async prepare(page) {
      await page.getByLabel('New reason').fill('Duplicate payment');
      await page.keyboard.press('Enter');
      await button(page, 'Add').click();
      await expect(
        page.getByText('Enter a reason').or(page.getByText('already exists')).or(page.getByText('was added')).first(),
      ).toBeVisible();
    },
  },
  {
    name: 'a restore',
    path: '/settings',
    options: populatedOptions,
    opener: (page) => button(page, /^Restore the backup/),
    prepare: clickToOpen((page) => button(page, /^Restore the backup/)),
  },
  {
    name: 'the deletion of a backup',
    path: '/settings',
    options: populatedOptions,
    opener: (page) => button(page, /^Delete the backup/),
    prepare: clickToOpen((page) => button(page, /^Delete the backup/)),
  },
  {
    name: 'the removal of old sessions',
    path: '/settings',
    options: populatedOptions,
    opener: (page) => button(page, /^Remove [\d,]+ sessions/),
    async prepare(page) {
      await button(page, 'Count sessions').click();
      await button(page, /^Remove [\d,]+ sessions/).click();
      await expect(dialog(page)).toBeVisible();
    },
  },
  {
    name: 'a diagnostics bundle',
    path: '/settings',
    options: populatedOptions,
    opener: (page) => button(page, 'Review bundle'),
    async prepare(page) {
      await button(page, 'Review bundle').click();
      await dialog(page).getByText('about.json').click();
      await expect(dialog(page).getByText('"version"')).toBeVisible();
    },
  },
];

export const screenStates: readonly ScreenState[] = [
  ...sessionStates,
  ...frameStates,
  ...auditStates,
  ...batchAndConnectionStates,
  ...settingsStates,
];

/** Changes the language without the settings view, so that open dialogs and menus stay open. */
export async function setLanguage(page: Page, language: Language): Promise<void> {
  await page.evaluate(async (requestedLanguage) => {
    await (window as unknown as { setLanguage(language: string): Promise<void> }).setLanguage(requestedLanguage);
    await document.fonts.ready;
  }, language);
}

let loadCount = 0;

/** Opens the page at `origin` in this state. */
export async function openScreenState(
  page: Page,
  origin: string,
  { path, options, prepare }: ScreenState,
): Promise<void> {
  // A change of the URL fragment alone does not reload the page, so that each load has a number.
  loadCount += 1;
  await page.goto(`${origin}?load=${loadCount}&options=${encodeURIComponent(JSON.stringify(options))}#${path}`);
  await expect(page.getByRole('heading', { level: 1, includeHidden: true })).toBeVisible();
  await prepare?.(page);
}
