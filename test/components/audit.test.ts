import { beforeEach, describe, expect, it } from 'vitest';
import { h } from 'vue';
import { page, userEvent } from 'vitest/browser';
import { auditDamageKind } from '../../src-main/contract/index.ts';
import type {
  AuditChain,
  AuditRecord,
  VerificationResult,
  CallError,
  CallName,
  Envelope,
} from '../../src-main/contract/index.ts';
import { i18n, setLanguage } from '../../src-renderer/i18n.ts';
import AuditRecordPanel from '../../src-renderer/views/audit/AuditRecordPanel.vue';
import { createFakeApiClient } from '../support/fake-api-client.ts';
import { mountApp, mountComponent, type MountedApp } from './mount-app.ts';
import { nonEmpty } from '../support/non-empty.ts';

const verificationRegion = () => page.getByRole('region', { name: 'Verification of the audit log' });
const verifyButton = () => page.getByRole('button', { name: 'Verify' });
const expectVerificationText = (text: string) =>
  expect.poll(() => verificationRegion().element().textContent).toContain(text);
const dialog = () => page.getByRole('dialog');

const intactResult: VerificationResult = {
  result: 'intact',
  checked: 400,
  verified: 400,
  damages: [],
  missingKeyRanges: [],
  head: { sequence: 400, location: 'keychain' },
  recordsAfterHead: 0,
  incompleteWrite: false,
  clockRegressions: null,
  durationMs: 12,
};

/**
 * Mounts the audit view with 400 records. The client returns `responses` by call name; a promise delays the response.
 */
async function mountAudit(responses: Partial<Record<CallName, unknown>>): Promise<MountedApp> {
  const screen = await mountApp({ auditRecordCount: 400 }, '/audit');
  const { client } = screen;
  const call = client.call.bind(client);
  client.call = async (name, input) => {
    const response = responses[name];
    if (response === undefined) return call(name, input);
    client.calls.push({ name, input });
    return (await response) as Awaited<ReturnType<typeof call<typeof name>>>;
  };
  await expect.element(verifyButton()).toBeEnabled();
  return screen;
}

const verifyResponse = (overrides: Partial<VerificationResult>): Envelope<VerificationResult> => ({
  ok: true,
  value: { ...intactResult, ...overrides },
});
const failedResponse = (error: Partial<CallError>) => ({
  ok: false,
  error: { code: 'internal', message: '', retryable: true, details: {}, ...error },
});

async function showVerificationResult(overrides: Partial<VerificationResult>): Promise<void> {
  await mountAudit({ 'audit.verify': verifyResponse(overrides) });
  await verifyButton().click();
}

beforeEach(() => page.viewport(1280, 800));

describe('audit verification', () => {
  it('audit verification: an intact result shows what was checked and what it does not prove', async () => {
    await showVerificationResult({});
    await expect.element(verificationRegion().getByText('Intact: every record is as it was written')).toBeVisible();
    await expectVerificationText('Records checked: 400. Verified with the key: 400.');
    await expectVerificationText('Verification cannot detect whether a record was false when it was written');
    expect(verificationRegion().element().textContent).not.toContain('Not damage');
    await page.getByRole('button', { name: 'Dismiss' }).click();
    await expect.poll(() => verificationRegion().element().textContent).toBe('');
    await expect.element(verifyButton()).toHaveFocus();
  });

  it('audit verification: a damaged result lists each damage and links to the first damaged record', async () => {
    await showVerificationResult({
      result: 'damaged',
      damages: [
        { kind: 'altered', sequence: 17, recordedInSequence: null },
        { kind: 'head_missing', sequence: 90, recordedInSequence: 91 },
      ],
    });
    await expect.element(verificationRegion().getByText('The audit log is damaged')).toBeVisible();
    await expectVerificationText(
      'The log head is missing from the keychain. Detected at record 90. Already found earlier, see record 91.',
    );
    await verificationRegion().getByRole('link', { name: 'First damaged record: 17' }).click();
    await expect
      .element(page.getByRole('row', { selected: true }))
      .toHaveAttribute('aria-rowindex', String(400 - 17 + 2));
    expect(location.hash).toBe('#/audit/17');
  });

  it('audit verification: a damage at a missing last record has no link', async () => {
    await showVerificationResult({
      result: 'damaged',
      damages: [{ kind: 'tail_cut', sequence: 401, recordedInSequence: null }],
    });
    await expectVerificationText('The end of the log was removed. First missing record: 401');
    expect(verificationRegion().getByRole('link').elements()).toEqual([]);
  });

  it('audit verification: missing keys are listed, and anomalies are shown as not damage', async () => {
    await showVerificationResult({
      result: 'key_not_available',
      missingKeyRanges: [
        { from: 3, to: 3 },
        { from: 9, to: 1_200 },
      ],
      incompleteWrite: true,
      clockRegressions: { count: 2, firstSequence: 40 },
      recordsAfterHead: 1,
      head: { sequence: 399, location: 'memory' },
    });
    for (const text of [
      'Key not available for record 3.',
      'Key not available for records 9 to 1,200.',
      'Not damage: Session Desk ended during a write last time.',
      'Not damage: the computer’s clock was set back 2 times, first at record 40.',
      'Not damage: 1 record is newer',
      'The head of this log is not stored in the keychain, so it is known only since Session Desk was opened.',
    ])
      await expectVerificationText(text);
  });

  it('audit verification: it shows progress, ignores a second start and keeps the focus when it stops', async () => {
    let resolveVerification: (envelope: Envelope<VerificationResult>) => void = () => undefined;
    const pending = new Promise<Envelope<VerificationResult>>((resolve) => {
      resolveVerification = resolve;
    });
    const { client } = await mountAudit({ 'audit.verify': pending, 'audit.stopVerification': { ok: true, value: {} } });
    await verifyButton().click();
    client.emit('audit.verificationProgress', { checked: 100, total: 400 });
    await expect
      .element(page.getByRole('progressbar'))
      .toHaveAttribute('aria-valuetext', 'Verifying: 100 of 400 records');
    await userEvent.click(verifyButton(), { force: true });
    expect(client.calls.filter(({ name }) => name === 'audit.verify').length).toBe(1);
    await page.getByRole('button', { name: 'Stop' }).click();
    await expect.element(verificationRegion()).toHaveFocus();
    resolveVerification(verifyResponse({ result: 'stopped', checked: 100, verified: 100 }));
    await expect.element(verificationRegion().getByText('Verification stopped early')).toBeVisible();
    await expectVerificationText('No damage in the 100 records checked. Nothing is known about the others.');
    await expect.element(page.getByRole('progressbar')).not.toBeInTheDocument();
  });

  it('audit verification: one that another window started can be stopped', async () => {
    const { client } = await mountAudit({
      'audit.verify': failedResponse({ code: 'verification_running', message: 'It is being verified already.' }),
      'audit.stopVerification': { ok: true, value: {} },
    });
    await verifyButton().click();
    await expectVerificationText('It is being verified already.');
    await verificationRegion().getByRole('button', { name: 'Stop' }).click();
    await expect.poll(() => client.calls.some(({ name }) => name === 'audit.stopVerification')).toBe(true);
  });
});

describe('audit damage', () => {
  it('audit damage: every kind has a name, a position and an explanation', async () => {
    const kinds = auditDamageKind.options;
    const damages = kinds.map((kind, index) => ({ kind, sequence: 17 + index, recordedInSequence: null }));
    await showVerificationResult({ result: 'damaged', damages });
    const items = verificationRegion().getByRole('listitem');
    await expect.poll(() => items.elements().length).toBe(kinds.length);
    for (const [index, kind] of nonEmpty(kinds.entries())) {
      const item = items.nth(index);
      expect(item.element().textContent).toContain(`${i18n.global.t(`audit.outcome.${kind}`)}.`);
      expect(item.element().textContent).toContain(i18n.global.t(`audit.damageExplanation.${kind}`));
      await expect.element(item.getByRole('link', { name: new RegExp(`record:? ${17 + index}$`) })).toBeVisible();
    }
  });
});

describe('audit filter', () => {
  const rows = () => Number(page.getByRole('grid').element().getAttribute('aria-rowcount')) - 1;
  const lastPage = (screen: MountedApp) =>
    screen.client.calls.filter(({ name }) => name === 'audit.list').at(-1)?.input;

  it('audit filter: a menu choice sets a chip and the URL, and removing the chip shows all records', async () => {
    const screen = await mountApp({ auditRecordCount: 400 }, '/audit');
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.getByRole('menuitem', { name: 'Outcome' }).hover();
    await page.getByRole('menuitemcheckbox', { name: 'Unknown' }).click();
    await expect.element(page.getByText('50 records match')).toBeVisible();
    expect(location.hash).toBe('#/audit?outcome=unknown');
    await expect.poll(rows).toBe(50);
    expect(lastPage(screen)).toMatchObject({ filter: { outcome: 'unknown', action: null } });
    await page.getByRole('button', { name: 'Remove: Outcome: Unknown' }).click();
    await expect.poll(rows).toBe(400);
    expect(location.hash).toBe('#/audit');
    await expect.element(page.getByRole('button', { name: 'Filter' })).toHaveFocus();
  });

  it('audit filter: every condition is read from the URL, and an invalid date is ignored', async () => {
    const screen = await mountApp(
      { auditRecordCount: 40 },
      '/audit?from=2026-01-01&to=2026-02-30&operator=maria&action=cancel_settled&session=12&batch=b-1' +
        '&outcome=cancelled&connection=c-1&id=x-1',
    );
    await expect.element(page.getByText('No matching records', { exact: true })).toBeVisible();
    expect(lastPage(screen)).toMatchObject({
      filter: {
        from: '2026-01-01T00:00:00.000Z',
        to: null,
        operator: 'maria',
        action: 'cancel_settled',
        sessionKey: 12,
        batchId: 'b-1',
        outcome: 'cancelled',
        connectionId: 'c-1',
        sessionId: 'x-1',
      },
    });
    await page.getByRole('button', { name: 'Clear all' }).first().click();
    await expect.poll(rows).toBe(40);
  });

  it('audit filter: a date range includes both days and marks an end date before the start date', async () => {
    const screen = await mountApp({ auditRecordCount: 40 }, '/audit');
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.getByRole('menuitem', { name: 'Operator, dates or session ID…' }).click();
    await dialog().getByLabelText(/^From/).fill('2026-11-20');
    await dialog().getByLabelText(/^To/).fill('2026-11-19');
    await dialog().getByRole('button', { name: 'Apply' }).click();
    await expect
      .element(dialog().getByLabelText(/^To/))
      .toHaveAccessibleDescription('This date is before the start date.');
    await dialog().getByLabelText(/^To/).fill('2026-11-21');
    await dialog().getByRole('button', { name: 'Apply' }).click();
    await expect
      .element(page.getByText(/^Nov 20, 2026 to Nov 21, 2026 \(UTC\)$|^20 Nov 2026 to 21 Nov 2026 \(UTC\)$/))
      .toBeVisible();
    await expect
      .poll(() => lastPage(screen))
      .toMatchObject({ filter: { from: '2026-11-20T00:00:00.000Z', to: '2026-11-22T00:00:00.000Z' } });
  });

  it('audit filter: an appended record that matches is counted without moving the visible rows', async () => {
    const { client } = await mountApp({ auditRecordCount: 400 }, '/audit?action=cancel_settled&outcome=unknown');
    await expect.element(page.getByText('50 records match')).toBeVisible();
    const call = client.call.bind(client);
    const more = createFakeApiClient({ auditRecordCount: 404 });
    client.call = (name, input) => (name === 'audit.list' ? more.call(name, input) : call(name, input));
    client.emit('audit.appended', { lastSequence: 404 });
    await expect.element(page.getByText('51 records match')).toBeVisible();
    expect(page.getByRole('row').all().length).toBeGreaterThan(5);
    expect(page.getByText(/is not in the log/).elements()).toEqual([]);
  });

  it('audit filter: an export contains the matching records or all records', async () => {
    const { client } = await mountApp({ auditRecordCount: 400 }, '/audit?outcome=unknown');
    await expect.element(page.getByText('50 records match')).toBeVisible();
    await page.getByRole('button', { name: 'Export…' }).click();
    await dialog().getByRole('button', { name: 'Export 50 records' }).click();
    await expect
      .poll(() => client.calls.filter(({ name }) => name === 'audit.export').at(-1)?.input)
      .toMatchObject({ format: 'jsonl', filter: { outcome: 'unknown' } });
    await dialog().getByText('Entire log', { exact: true }).click();
    await dialog().getByRole('button', { name: 'Export 400 records' }).click();
    await expect
      .poll(() => client.calls.filter(({ name }) => name === 'audit.export').at(-1)?.input)
      .toEqual({ format: 'jsonl' });
  });
});

describe('audit log with five million records', () => {
  const total = 5_000_000;
  const row = (sequence: number) => `[aria-rowindex="${total - sequence + 2}"]`;

  it('audit log with five million records: scrolling reads each page by its cursor, not by an offset', async () => {
    const { client } = await mountApp({ auditRecordCount: 400 }, '/settings');
    const call = client.call.bind(client);
    // The fake client has a short log. This one has `total` records and returns a page for each cursor.
    const small = await call('audit.list', { limit: 1 });
    if (!small.ok || !small.value.rows[0]) throw new Error('The fake has a record.');
    const [sample] = small.value.rows;
    client.call = async (name, input) => {
      if (name !== 'audit.list') return call(name, input);
      client.calls.push({ name, input });
      const { before, limit = 200 } = input as { before?: number; limit?: number };
      const top = Math.min(total, (before ?? total + 1) - 1);
      const rows = Array.from({ length: Math.min(limit, top) }, (_, at) => ({
        ...sample,
        sequence: top - at,
        operator: `clerk ${top - at}`,
      }));
      return { ok: true, value: { rows, total } } as Awaited<ReturnType<typeof call<typeof name>>>;
    };
    location.hash = '/audit';
    await expect.element(page.getByRole('grid')).toBeVisible();
    await expect.poll(() => page.getByRole('grid').element().getAttribute('aria-rowcount')).toBe(String(total + 1));
    const grid = page.getByRole('grid').element();
    // The last step reads nothing: the first page is still in memory.
    const allPages: { readonly skip?: number }[] = [];
    for (const [share, sequence] of [
      [0.5, null],
      [1, 1],
      [0, total],
    ] as const) {
      const before = client.calls.length;
      grid.scrollTop = share * (grid.scrollHeight - grid.clientHeight);
      await expect
        .poll(() => [...grid.querySelectorAll('.row.body-row')].some((each) => /clerk \d+/.test(each.textContent)))
        .toBe(true);
      if (sequence !== null)
        await expect.poll(() => grid.querySelector(row(sequence))?.textContent).toContain(`clerk ${sequence}`);
      else {
        await expect
          .poll(() =>
            [...grid.querySelectorAll('.row.body-row')]
              .map((each) => Number(/clerk (\d+)/.exec(each.textContent)?.[1]))
              .some((each) => Math.abs(each - total / 2) < 5_000),
          )
          .toBe(true);
      }
      const pages = client.calls
        .slice(before)
        .filter(({ name }) => name === 'audit.list')
        .map(({ input }) => input as { skip?: number });
      expect(pages.length).toBeLessThan(8);
      allPages.push(...pages);
    }
    expect(nonEmpty(allPages).every(({ skip }) => !skip)).toBe(true);
    expect(grid.querySelectorAll('.row.body-row').length).toBeLessThan(80);
  });
});

/** Record 17 with the given chain and record fields. */
async function recordWith(chainOverrides: Partial<AuditChain>, record: Partial<AuditRecord> = {}): Promise<AuditChain> {
  const result = await createFakeApiClient({ auditRecordCount: 400 }).call('audit.get', { sequence: 17 });
  if (!result.ok || !result.value) throw new Error('There is no record 17.');
  return { ...result.value, ...chainOverrides, record: { ...result.value.record, ...record } };
}

describe('audit record', () => {
  it('audit record: its chain values are shown, with links to the previous and next record', async () => {
    await mountApp({ auditRecordCount: 400 }, '/audit/17');
    await expect.element(page.getByText('Correctly follows record 16.')).toBeVisible();
    await expect.element(page.getByText('Record 18 correctly follows it.')).toBeVisible();
    await expect.element(page.getByText('Its MAC is valid: the record was not changed.')).toBeVisible();
    await page.getByRole('link', { name: 'Show 18' }).click();
    await expect.element(page.getByText('Correctly follows record 17.')).toBeVisible();
    expect(location.hash).toBe('#/audit/18');
  });

  it('audit record: a broken chain shows where it breaks', async () => {
    const chain = await recordWith({
      macStatus: 'invalid',
      previous: { link: 'broken', mac: null },
      next: { link: 'missing', previousMac: null },
    });
    await mountApp({ auditRecordCount: 400, responses: { 'audit.get': chain } }, '/audit/17');
    await expect.element(page.getByText('Does not follow record 16: one of the two was changed.')).toBeVisible();
    await expect.element(page.getByText('The next record 18 is missing.')).toBeVisible();
    await expect.element(page.getByText('Its MAC is not valid: the record was changed.')).toBeVisible();
  });

  it.each([
    [
      'batch_stopped',
      { kind: 'outcomes', counts: { cancelled: 1511, already_final: 32, not_sent: 640, left_out: 106 } },
      'Cancelled 1,511 · Already final 32 · Not sent 640 · Excluded 106',
      'Annulée\u00a0: 1\u00a0511 · Déjà finale\u00a0: 32 · Non envoyée\u00a0: 640 · Exclue\u00a0: 106',
    ],
    ['batch_finished', { kind: 'outcomes', counts: { still_active: 1 } }, 'Still active 1', 'Toujours active\u00a0: 1'],
    ['batch_interrupted', { kind: 'batch_state', state: 'running' }, 'Running', 'En cours'],
    ['cancel_sent', { kind: 'call', call: 1 }, 'Request 1', 'Requête 1'],
    [
      'sessions_exported',
      { kind: 'export', sessions: 4_000, format: 'csv', unmaskedIds: false, filter: null },
      '4000 sessions, csv, masked IDs, a selection',
      '4\u00a0000 séances, csv, identifiants masqués, une sélection',
    ],
    ['cancel_sent', { kind: 'text', text: 'call 1' }, 'call 1', 'call 1'],
  ] as const)('audit record: %s shows its detail %j as text', async (action, detail, english, french) => {
    const chain = await recordWith({}, { action, detail, outcome: null });
    await mountComponent(() => h(AuditRecordPanel, { sequence: 17 }), { responses: { 'audit.get': chain } });
    const panel = page.getByRole('complementary');
    await expect.element(panel.getByText(english, { exact: true })).toBeVisible();
    await setLanguage('fr-CA');
    await expect.element(panel.getByText(french, { exact: true })).toBeVisible();
  });

  it('audit record: links filter by its session and its operator, and the record stays open', async () => {
    await mountApp({ auditRecordCount: 400 }, '/audit/17');
    await page.getByRole('complementary').getByRole('link', { name: 'This session' }).click();
    await expect.poll(() => location.hash).toMatch(/^#\/audit\/17\?session=\d+$/);
    await page.getByRole('complementary').getByRole('link', { name: 'maria' }).click();
    await expect.poll(() => location.hash).toBe('#/audit/17?operator=maria');
    await expect.element(page.getByText('400 records match')).toBeVisible();
  });
});

describe('audit outcome chart', () => {
  it('audit outcome chart: its table shows the same days, and each day opens its records', async () => {
    await mountApp({ auditRecordCount: 400 }, '/audit');
    await page.getByText('Show as table').click();
    await page.getByRole('table').getByRole('link').first().click();
    await expect.poll(() => location.hash).toMatch(/^#\/audit\?from=([\d-]{10})&to=\1&action=cancel_settled$/);
    await expect.element(page.getByText('Action: Cancellation completed', { exact: true })).toBeVisible();
  });
});

describe('audit export', () => {
  it('audit export: a success shows the file path and how to check the file', async () => {
    const file = '/home/maria/data/work/exports/audit-20261120T230000Z-1a2b.csv';
    const { client } = await mountAudit({ 'audit.export': { ok: true, value: { file, records: 400 } } });
    await page.getByRole('button', { name: 'Export…' }).click();
    await dialog().getByText('CSV', { exact: true }).click();
    await dialog().getByRole('button', { name: 'Export 400 records' }).click();
    await expect.element(dialog().getByText('400 records exported')).toBeVisible();
    await expect.element(dialog().getByText(file, { exact: true })).toBeVisible();
    await expect.element(dialog().getByText(`npm run verify-audit -- "${file}"`)).toBeVisible();
    expect(client.calls.filter(({ name }) => name === 'audit.export').map(({ input }) => input)).toEqual([
      { format: 'csv' },
    ]);
    await userEvent.keyboard('{Escape}');
    await expect.element(dialog()).not.toBeInTheDocument();
  });

  it('audit export: a failure shows the reason and can be retried', async () => {
    await mountAudit({
      'audit.export': failedResponse({ code: 'disk_full', message: 'The disk is full. Free some space.' }),
    });
    await page.getByRole('button', { name: 'Export…' }).click();
    await dialog().getByRole('button', { name: 'Export 400 records' }).click();
    await expect.element(dialog().getByText('The export was not finished')).toBeVisible();
    await expect.element(dialog().getByText('The disk is full. Free some space.')).toBeVisible();
    await expect.element(dialog().getByRole('button', { name: 'Export 400 records' })).toBeEnabled();
  });
});
