/** A click acts on the element where it started, or does nothing. A double click never does anything irreversible. */
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { fakeBatch, fakeRunningBatch } from '../support/fake-batches.ts';
import { fakeConnection, fakeSession } from '../support/fake-api-client.ts';
import { mountApp, type MountedApp } from './mount-app.ts';

const dialog = () => page.getByRole('dialog');
const countCalls = ({ client }: MountedApp, call: string) => client.calls.filter(({ name }) => name === call).length;
const connections = [1, 2].map((number) => fakeConnection(number));

/** Dispatches pointer events at the centre of an element, each on the element under the pointer at that moment. */
function createPointer(target: Element) {
  const { left, top, width, height } = target.getBoundingClientRect();
  const eventInit = {
    clientX: left + width / 2,
    clientY: top + height / 2,
    bubbles: true,
    cancelable: true,
    composed: true,
    button: 0,
  };
  const elementUnderPointer = () => document.elementFromPoint(eventInit.clientX, eventInit.clientY) ?? document.body;
  return {
    press: () => elementUnderPointer().dispatchEvent(new PointerEvent('pointerdown', eventInit)),
    /** `detail`: number of this click in a series. */
    release: (detail = 1) => elementUnderPointer().dispatchEvent(new MouseEvent('click', { ...eventInit, detail })),
  };
}

beforeEach(() => page.viewport(1280, 800));

async function findRow(text: string): Promise<HTMLElement> {
  await expect
    .poll(() =>
      [...document.querySelectorAll<HTMLElement>('.row.body-row')].some((row) => row.textContent.includes(text)),
    )
    .toBe(true);
  const row = [...document.querySelectorAll<HTMLElement>('.row.body-row')].find((element) =>
    element.textContent.includes(text),
  );
  if (!row) throw new Error(`There is no row with ${text}.`);
  return row;
}

/** The session of a row. Its other cells show relative times, which change. */
const sessionIdOfRow = (row: HTMLElement): string => row.querySelector('.id')?.textContent ?? '';

it('moving target guard: a click during a move of the list neither opens nor selects another session', async () => {
  const screen = await mountApp({ sessionCount: 40, connections });
  const fourthSession = screen.client.sessions[3];
  if (!fourthSession) throw new Error('There is no fourth session.');
  const row = await findRow(fourthSession.reference ?? '');
  // The list does not move under a resting pointer, so the pointer rests elsewhere.
  await userEvent.hover(page.getByRole('heading', { level: 1 }));
  for (const target of [row, row.querySelector('.checkbox-cell') ?? row]) {
    const { press, release } = createPointer(target);
    press();
    const idBefore = sessionIdOfRow(row);
    // Ten sessions are inserted above between press and release.
    const added = Array.from({ length: 10 }, (_, index) =>
      fakeSession(screen.client.sessions.length + 10 - index, connections),
    );
    screen.client.sessions.unshift(...added);
    screen.client.emit('sessions.changed', { rows: added, isTruncated: false });
    await expect.poll(() => sessionIdOfRow(row)).not.toBe(idBefore);
    release();
    await expect.poll(() => location.hash).toBe('#/sessions');
    expect(page.getByText('1 selected').elements()).toEqual([]);
  }
  // A row that does not move opens.
  const { press, release } = createPointer(row);
  press();
  release();
  await expect.poll(() => location.hash).toMatch(/^#\/sessions\/\d+$/);
});

it.each([
  ['Stop…', 'batches.stop', [fakeRunningBatch(1, connections)]],
  ['Cancel 1,204 sessions…', 'batches.confirm', [fakeBatch(1)]],
] as const)(
  'double click guard: a double click on “%s” opens the confirmation and does not answer it',
  async (name, call, batches) => {
    const screen = await mountApp({ sessionCount: 5, connections, batches }, `/batches/${fakeBatch(1).id}`);
    const opener = page.getByRole('button', { name });
    await expect.element(opener).toBeVisible();
    const { press, release } = createPointer(opener.element());
    press();
    release(1);
    await expect.element(dialog()).toBeVisible();
    // The position of the button does not matter: the pointer was pressed on the opener.
    const confirmButton = [...dialog().element().querySelectorAll<HTMLElement>('footer button')].at(-1);
    if (!confirmButton) throw new Error('The dialog has no confirm button.');
    createPointer(confirmButton).release(2);
    await new Promise((resolve) => requestAnimationFrame(resolve));
    expect(countCalls(screen, call)).toBe(0);
    await expect.element(dialog()).toBeVisible();
  },
);

it('double click guard: a double click on the confirm button sends once and keeps the outcome on screen', async () => {
  const screen = await mountApp({ sessionCount: 3, connections, cancelDelayMs: 5 }, '/sessions/3');
  await page.getByRole('button', { name: 'Cancel session…' }).click();
  await dialog().getByLabelText('Reason').selectOptions('Test');
  await userEvent.dblClick(dialog().getByRole('button', { name: 'Cancel session' }));
  await expect.element(dialog().getByText('Cancelled', { exact: true })).toBeVisible();
  expect(countCalls(screen, 'cancellations.request')).toBe(1);
  await expect.element(dialog()).toBeVisible();
});

it('double click guard: a double click on “Cancel session…” opens the dialog and sends nothing', async () => {
  const screen = await mountApp({ sessionCount: 3, connections }, '/sessions/3');
  await userEvent.dblClick(page.getByRole('button', { name: 'Cancel session…' }));
  await expect.element(dialog()).toBeVisible();
  expect(countCalls(screen, 'cancellations.request')).toBe(0);
  onTestFinished(() => expect(countCalls(screen, 'cancellations.request')).toBe(0));
});
