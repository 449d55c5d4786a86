import { beforeEach, describe, expect, it } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import type { AuditVerdict, CallError, CallName, Envelope } from '../../src-main/contract/index.ts';
import { mountScreen, type Screen } from './mount.ts';

const check = () => page.getByRole('region', { name: 'Verification of the audit log' });
const verifyButton = () => page.getByRole('button', { name: 'Verify' });
const says = (text: string) => expect.poll(() => check().element().textContent).toContain(text);
const dialog = () => page.getByRole('dialog');

const intact: AuditVerdict = {
  verdict: 'intact', checked: 400, verified: 400, damages: [], keyNotAvailable: [], head: { sequence: 400, place: 'keychain' }, newerThanHead: 0,
  tornWrite: false, clockBack: null, durationMs: 12,
};

/** A screen with 400 records whose host gives these answers; a promise keeps the screen waiting. */
async function mountAudit(answers: Partial<Record<CallName, unknown>>): Promise<Screen> {
  const screen = await mountScreen({ audit: 400 }, '/audit');
  const { desk } = screen;
  const call = desk.call.bind(desk);
  desk.call = async (name, input) => {
    const answer = answers[name];
    if (answer === undefined) return call(name, input);
    desk.asked.push({ name, input });
    return (await answer) as Awaited<ReturnType<typeof call<typeof name>>>;
  };
  await expect.element(verifyButton()).toBeEnabled();
  return screen;
}

const found = (part: Partial<AuditVerdict>): Envelope<AuditVerdict> => ({ ok: true, value: { ...intact, ...part } });
const failed = (error: Partial<CallError>) => ({ ok: false, error: { code: 'internal', message: '', retryable: true, details: {}, ...error } });

async function verdictShown(part: Partial<AuditVerdict>): Promise<void> {
  await mountAudit({ 'audit.verify': found(part) });
  await verifyButton().click();
}

beforeEach(() => page.viewport(1280, 800));

describe('a verification of the audit log', () => {
  it('says that the log is untouched, what was checked, and what that does not prove', async () => {
    await verdictShown({});
    await expect.element(check().getByText('Untouched: every record is as it was written')).toBeVisible();
    await says('Records checked: 400. Proven with the key: 400.');
    await says('This does not prove that a record was true when it was written');
    expect(check().element().textContent).not.toContain('Not damage');
    await page.getByRole('button', { name: 'Dismiss' }).click();
    await expect.poll(() => check().element().textContent).toBe('');
    await expect.element(verifyButton()).toHaveFocus();
  });

  it('names each damage, and leads to its first bad record in the list', async () => {
    await verdictShown({ verdict: 'damaged', damages: [{ kind: 'altered', sequence: 17, recordedBy: null }, { kind: 'head_missing', sequence: 90, recordedBy: 91 }] });
    await expect.element(check().getByText('The audit log is damaged')).toBeVisible();
    await says('The head is not in the keychain. Seen at record 90 Found before, and written down in record 91.');
    await check().getByRole('link', { name: 'First bad record: 17' }).click();
    await expect.element(page.getByRole('row', { selected: true })).toHaveAttribute('aria-rowindex', String(400 - 17 + 2));
    expect(location.hash).toBe('#/audit/17');
  });

  it('leads nowhere where the record is gone from the end', async () => {
    await verdictShown({ verdict: 'damaged', damages: [{ kind: 'tail_cut', sequence: 401, recordedBy: null }] });
    await says('The end was cut off. First missing record: 401');
    expect(check().getByRole('link').elements()).toEqual([]);
  });

  it('says for which records there is no key, and which oddities are no damage', async () => {
    await verdictShown({
      verdict: 'key_not_available', keyNotAvailable: [{ from: 3, to: 3 }, { from: 9, to: 1_200 }], tornWrite: true, clockBack: { count: 2, first: 40 },
      newerThanHead: 1, head: { sequence: 399, place: 'this_run' },
    });
    for (const text of [
      'Key not available for record 3.', 'Key not available for records 9 to 1,200.', 'Not damage: the run before ended in the middle of a write.',
      'Not damage: the clock was set back 2 times, first at record 40.', 'Not damage: 1 record is newer', 'The log’s end is remembered for this run only',
    ]) await says(text);
  });

  it('shows how far it is, takes no second start, and stops when asked to, with the focus kept', async () => {
    let answer: (verdict: Envelope<AuditVerdict>) => void = () => undefined;
    const waiting = new Promise<Envelope<AuditVerdict>>((resolve) => { answer = resolve; });
    const { desk } = await mountAudit({ 'audit.verify': waiting, 'audit.stopVerification': { ok: true, value: {} } });
    await verifyButton().click();
    desk.emit('audit.verifying', { checked: 100, total: 400 });
    await expect.element(page.getByRole('progressbar')).toHaveAttribute('aria-valuetext', 'Verifying: 100 of 400 records');
    await userEvent.click(verifyButton(), { force: true });
    expect(desk.asked.filter(({ name }) => name === 'audit.verify').length).toBe(1);
    await page.getByRole('button', { name: 'Stop' }).click();
    await expect.element(check()).toHaveFocus();
    answer(found({ verdict: 'stopped', checked: 100, verified: 100 }));
    await expect.element(check().getByText('Stopped before the end')).toBeVisible();
    await says('Nothing amiss in the 100 records looked at. Nothing is known of the others.');
    await expect.element(page.getByRole('progressbar')).not.toBeInTheDocument();
  });

  it('that another window began can be stopped from here', async () => {
    const { desk } = await mountAudit({
      'audit.verify': failed({ code: 'verification_running', message: 'It is being verified already.' }), 'audit.stopVerification': { ok: true, value: {} },
    });
    await verifyButton().click();
    await says('It is being verified already.');
    await check().getByRole('button', { name: 'Stop' }).click();
    await expect.poll(() => desk.asked.some(({ name }) => name === 'audit.stopVerification')).toBe(true);
  });
});

describe('an export of the audit log', () => {
  it('says where the file is and how to check it', async () => {
    const file = '/home/maria/data/work/exports/audit-20261120T230000Z-1a2b.csv';
    const { desk } = await mountAudit({ 'audit.export': { ok: true, value: { file, records: 400 } } });
    await page.getByRole('button', { name: 'Export…' }).click();
    await dialog().getByText('CSV', { exact: true }).click();
    await dialog().getByRole('button', { name: 'Export 400 records' }).click();
    await expect.element(dialog().getByText('400 records written')).toBeVisible();
    await expect.element(dialog().getByText(file, { exact: true })).toBeVisible();
    await expect.element(dialog().getByText(`npm run verify-audit -- "${file}"`)).toBeVisible();
    expect(desk.asked.filter(({ name }) => name === 'audit.export').map(({ input }) => input)).toEqual([{ format: 'csv' }]);
    await userEvent.keyboard('{Escape}');
    await expect.element(dialog()).not.toBeInTheDocument();
  });

  it('that fails says why, and can be tried again', async () => {
    await mountAudit({ 'audit.export': failed({ code: 'disk_full', message: 'The disk is full. Free some space.' }) });
    await page.getByRole('button', { name: 'Export…' }).click();
    await dialog().getByRole('button', { name: 'Export 400 records' }).click();
    await expect.element(dialog().getByText('The export was not finished')).toBeVisible();
    await expect.element(dialog().getByText('The disk is full. Free some space.')).toBeVisible();
    await expect.element(dialog().getByRole('button', { name: 'Export 400 records' })).toBeEnabled();
  });
});
