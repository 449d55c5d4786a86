import { beforeEach, describe, expect, it } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import type { ImportPreview, ImportProblem, ImportState } from '../../src-main/contract/index.ts';
import type { FakeApiClient } from '../support/fake-api-client.ts';
import { mountApp } from './mount-app.ts';
import { fakeMessage } from '../support/fake-messages.ts';

const problem: ImportProblem = {
  line: 3,
  column: 1,
  name: 'session_id',
  ...fakeMessage('The session id is missing.'),
  suggestion: null,
  kind: 'refused',
};
const preview: ImportPreview = {
  format: 'csv',
  encoding: 'utf-8',
  separator: ',',
  columns: ['session_id', 'total'],
  mapping: { id: 'session_id', amount: 'total' },
  mappingSource: 'remembered',
  problems: [],
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
const startedImport: ImportState = {
  importId: '00000000-0000-4000-8000-0000000000aa',
  fileName: 'list.csv',
  state: 'running',
  shouldWrite: true,
  bytesReceived: 0,
  byteLength: 100,
  lines: 0,
  added: 0,
  updated: 0,
  unchanged: 0,
  refused: 0,
  warnings: 0,
  error: null,
};

/** Returns the given responses to the calls of an import. The fake client answers the other calls. */
function stubCalls(client: FakeApiClient, responses: Record<string, (input: never) => unknown>): void {
  const originalCall = client.call.bind(client);
  const call = async (name: string, input: unknown): Promise<unknown> => {
    const respond = responses[name];
    if (!respond) return await originalCall(name as never, input as never);
    client.calls.push({ name: name as never, input });
    return { ok: true, value: await respond(input as never) };
  };
  Object.assign(client, { call });
}

async function openImport(): Promise<void> {
  await page.getByRole('button', { name: 'Add session' }).first().click();
  await page.getByRole('button', { name: 'Import sessions' }).click();
  await expect.element(page.getByRole('dialog', { name: 'Import sessions' })).toBeVisible();
}

async function selectFile(...chunks: BlobPart[]): Promise<void> {
  const input = document.querySelector<HTMLInputElement>('[role="dialog"] input[type="file"]');
  if (!input) throw new Error('The dialog has no file input.');
  await userEvent.upload(input, new File(chunks, 'list.csv'));
}

beforeEach(() => page.viewport(1280, 800));

describe('session import', () => {
  it('session import: the preview shows the first rows and the column mapping, and sends a new mapping', async () => {
    const { client } = await mountApp({ sessionCount: 5 });
    stubCalls(client, { 'imports.preview': () => preview });
    await openImport();
    await selectFile('session_id,total\nabc-1,12.50\n');
    await expect.element(page.getByRole('cell', { name: 'abc-1' })).toBeVisible();
    await expect.element(page.getByText('Columns · same as last time')).toBeVisible();
    await expect.element(page.getByRole('button', { name: 'Import 1 session' })).toBeEnabled();
    expect(page.getByRole('group', { name: 'Amount format' }).query()).toBeNull();
    await page.getByRole('dialog').getByLabelText('Reference').selectOptions('total');
    await expect
      .poll(() => client.calls.at(-1)?.input)
      .toMatchObject({
        parseOptions: { mapping: { id: 'session_id', amount: 'total', reference: 'total' } },
      });
  });

  it('session import: the amount format is asked only if a row needs it', async () => {
    const { client } = await mountApp({ sessionCount: 5 });
    stubCalls(client, {
      'imports.preview': () => ({
        ...preview,
        problems: [{ ...problem, column: 2, name: 'total', message: 'This amount is not plain.' }],
      }),
    });
    await openImport();
    await selectFile('session_id,total\n');
    await expect.element(page.getByText('Line 3, column 2 “total” · rejected')).toBeVisible();
    await page.getByRole('group', { name: 'Amount format' }).getByText('1.234,56').click();
    await expect.poll(() => client.calls.at(-1)?.input).toMatchObject({ parseOptions: { amounts: 'comma_decimal' } });
    expect(page.getByRole('group', { name: 'Times without a time zone' }).query()).toBeNull();
  });

  it('session import: an unreadable file is not imported and shows the reason', async () => {
    const { client } = await mountApp({ sessionCount: 5 });
    const error = {
      ...problem,
      line: 1,
      column: null,
      name: null,
      message: 'No column is known to hold the session id.',
    };
    stubCalls(client, { 'imports.preview': () => ({ ...preview, mapping: {}, rows: [], error }) });
    await openImport();
    await selectFile('a,b\n1,2\n');
    await expect.element(page.getByRole('alert').getByText('No column is known to hold the session id.')).toBeVisible();
    await expect.element(page.getByRole('button', { name: 'Import sessions', exact: true })).toBeDisabled();
  });

  it('session import: a large file is sent in ordered chunks and the result is shown', async () => {
    const { client } = await mountApp({ sessionCount: 5 });
    const offsets: number[] = [];
    stubCalls(client, {
      'imports.preview': () => preview,
      'imports.start': () => startedImport,
      'imports.addChunk': ({ offset }: { offset: number }) => {
        offsets.push(offset);
        return startedImport;
      },
      'imports.finish': () => ({ ...startedImport, state: 'finished', lines: 3, added: 1, unchanged: 1, refused: 1 }),
      'imports.listProblems': () => ({ rows: [problem], total: 1, retained: 1 }),
    });
    await openImport();
    await selectFile('session_id\n', 'x'.repeat(600_000));
    await page.getByRole('button', { name: 'Import sessions', exact: true }).click();
    await expect.element(page.getByText('1 new · 0 changed · 1 unchanged · 1 rejected')).toBeVisible();
    expect(offsets).toEqual([0, 524_288]);
    await expect.element(page.getByText('Line 3, column 1 “session_id” · rejected')).toBeVisible();
    await expect.element(page.getByRole('button', { name: 'Show sessions' })).toHaveFocus();
    await page.getByRole('button', { name: 'Show sessions' }).click();
    await expect.poll(() => page.getByRole('dialog').query()).toBeNull();
  });

  it('session import: a running import can be stopped and cannot be closed before', async () => {
    const { client } = await mountApp({ sessionCount: 5 });
    const stopped = { ...startedImport, state: 'stopped' as const, lines: 2, added: 2 };
    let resolveChunk: (state: ImportState) => void = () => undefined;
    stubCalls(client, {
      'imports.preview': () => preview,
      'imports.start': () => startedImport,
      'imports.addChunk': () =>
        new Promise((resolve) => {
          resolveChunk = resolve;
        }),
      'imports.stop': () => {
        resolveChunk(stopped);
        return stopped;
      },
      'imports.listProblems': () => ({ rows: [], total: 0, retained: 0 }),
    });
    await openImport();
    await selectFile('session_id\nabc-1\n');
    await page.getByRole('button', { name: 'Import 1 session' }).click();
    client.emit('imports.changed', { rows: [{ ...startedImport, bytesReceived: 50, lines: 2 }] });
    await expect.element(page.getByRole('progressbar')).toHaveAttribute('aria-valuenow', '50');
    await userEvent.keyboard('{Escape}');
    await page.getByRole('button', { name: 'Stop import' }).click();
    await expect.element(page.getByText('The import of list.csv was stopped.', { exact: true })).toBeVisible();
    await expect.element(page.getByText('2 new · 0 changed · 0 unchanged · 0 rejected')).toBeVisible();
  });

  it('session import: a pasted list of IDs without a header keeps its line numbers', async () => {
    const { client } = await mountApp({ sessionCount: 5 });
    stubCalls(client, { 'imports.preview': () => ({ ...preview, columns: ['session_id'] }) });
    await openImport();
    await page.getByLabelText('Or paste').fill('abc-1\nabc-2');
    await expect.element(page.getByRole('cell', { name: '1', exact: true })).toBeVisible();
    const previewInput = client.calls.findLast(({ name }) => name === 'imports.preview')?.input as { head: string };
    expect(atob(previewInput.head)).toBe('session_id\nabc-1\nabc-2');
  });

  it('session import: a file dropped on the session list opens the dialog', async () => {
    const { client } = await mountApp({ sessionCount: 5 });
    stubCalls(client, { 'imports.preview': () => preview });
    await expect.poll(() => document.querySelectorAll('[role="row"] .reference').length).toBeGreaterThan(1);
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File(['session_id,total\nabc-1,12.50\n'], 'dropped.csv'));
    window.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
    await expect.element(page.getByText('dropped.csv')).toBeVisible();
    await expect.element(page.getByRole('cell', { name: 'abc-1' })).toBeVisible();
  });
});
