import { beforeEach, describe, expect, it } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { mountScreen } from './mount-app.ts';

const grid = () => page.getByRole('grid', { name: 'Sessions' });
const focused = () => document.activeElement;
const bodyRows = () => document.querySelectorAll('[role="row"][aria-rowindex]:not([aria-rowindex="1"])');

async function rowsShown(): Promise<void> {
  await expect.poll(() => document.querySelectorAll('[role="row"] .reference').length).toBeGreaterThan(1);
}

beforeEach(() => page.viewport(1280, 800));

describe('the list of sessions', () => {
  it('draws what fits and says how many there are', async () => {
    await mountScreen({ sessions: 2_000 });
    await rowsShown();
    await expect.element(grid()).toHaveAttribute('aria-rowcount', '2001');
    expect(bodyRows().length).toBeLessThan(60);
  });

  it('reads far rows by passing over the ones between, and keeps its place', async () => {
    const { desk } = await mountScreen({ sessions: 2_000 });
    await rowsShown();
    (bodyRows()[0] as HTMLElement).focus();
    await userEvent.keyboard('{End}');
    await expect.poll(() => focused()?.textContent).toContain('INV-2026-20001');
    expect(focused()?.getAttribute('aria-rowindex')).toBe('2001');
    const pages = desk.asked
      .filter(({ name }) => name === 'sessions.page')
      .map(({ input }) => input as { skip: number });
    expect(pages.at(-1)?.skip).toBeGreaterThan(1_000);
    await userEvent.keyboard('{Home}{ArrowDown}{PageDown}');
    expect(Number(focused()?.getAttribute('aria-rowindex'))).toBeGreaterThan(15);
  });

  it('keeps one row in the tab order', async () => {
    await mountScreen({ sessions: 50 });
    await rowsShown();
    expect(document.querySelectorAll('[role="row"][tabindex="0"]').length).toBe(1);
  });

  it('follows the search as it is typed, and names what was not found', async () => {
    await mountScreen({ sessions: 2_000 });
    await rowsShown();
    await userEvent.keyboard('/');
    await userEvent.keyboard('Order-20004');
    await expect.element(grid()).toHaveAttribute('aria-rowcount', '2');
    expect(location.hash).toContain('q=Order-20004');
    await userEvent.keyboard('zzz');
    await expect.element(page.getByText('No session matches “Order-20004zzz”')).toBeVisible();
    await userEvent.keyboard('{Escape}');
    await expect.element(grid()).toHaveAttribute('aria-rowcount', '2001');
  });

  it('filters by status, and the way back leads back', async () => {
    await mountScreen({ sessions: 2_000 });
    await rowsShown();
    await page.getByRole('tab', { name: /^Unknown/ }).click();
    await expect.element(page.getByRole('tab', { name: /^Unknown/ })).toHaveAttribute('aria-selected', 'true');
    await expect
      .poll(() =>
        [...document.querySelectorAll('[role="row"] .status .cut')].every((cell) => cell.textContent === 'Unknown'),
      )
      .toBe(true);
    history.back();
    await expect.element(page.getByRole('tab', { name: /^All/ })).toHaveAttribute('aria-selected', 'true');
  });

  it('changes a row in place when an event says so', async () => {
    const { desk } = await mountScreen({ sessions: 5 });
    await rowsShown();
    const [first] = desk.sessions;
    if (!first) throw new Error('The fake has no session.');
    desk.sessions[0] = { ...first, reference: 'Renamed-1' };
    desk.emit('sessions.changed', { rows: [{ ...first, reference: 'Renamed-1' }], truncated: false });
    await expect.element(page.getByText('Renamed-1')).toBeVisible();
  });

  it('is opened at a session by its address, also one that is far down, whose whole id is shown when asked for and not for the next', async () => {
    const { desk } = await mountScreen({ sessions: 2_000 }, '/sessions/12');
    const session = desk.sessions.find(({ key }) => key === 12);
    const panel = () => page.getByRole('complementary');
    await expect.element(panel().getByRole('button', { name: 'Show the whole session id' })).toBeVisible();
    expect(panel().element().textContent).not.toContain(session?.id);
    await panel().getByRole('button', { name: 'Show the whole session id' }).click();
    await expect.poll(() => panel().element().textContent).toContain(session?.id);
    location.hash = '/sessions/13';
    const next = desk.sessions.find(({ key }) => key === 13);
    await expect.poll(() => panel().element().textContent).toContain(next?.id.slice(-4));
    expect(panel().element().textContent).not.toContain(next?.id);
  });

  it('says that it could not be read, and tries again', async () => {
    const { desk } = await mountScreen({
      sessions: 5,
      errors: { 'sessions.counts': { code: 'internal', message: 'The list is stuck.', retryable: true, details: {} } },
    });
    await expect.element(page.getByText('The list is stuck.')).toBeVisible();
    delete desk.options.errors?.['sessions.counts'];
    await page.getByRole('button', { name: 'Try again' }).click();
    await rowsShown();
  });
});

describe('a host that is lost', () => {
  it('is said across the whole width, and what was read stays', async () => {
    const { link } = await mountScreen({ sessions: 5 });
    await rowsShown();
    link('lost');
    await expect.element(page.getByRole('alert').getByText(/The console is not answering/)).toBeVisible();
    expect(bodyRows().length).toBe(5);
    link('up');
    await expect.poll(() => document.querySelector('[role="alert"]')).toBeNull();
  });
});
