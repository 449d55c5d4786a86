import { createPinia } from 'pinia';
import { createApp, h, nextTick, shallowRef } from 'vue';
import { describe, expect, it, onTestFinished } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import DataGrid from '../../src-renderer/components/DataGrid.vue';
import '../../src-renderer/styles/tokens.css';
import '../../src-renderer/styles/base.css';
import '../../src-renderer/styles/outcomes.css';

function mountGrid(
  count: number,
  identity?: (index: number) => number,
): { opened: number[]; removed: number[]; row: (index: number) => HTMLElement | null } {
  const opened: number[] = [];
  const removed: number[] = [];
  const host = document.createElement('div');
  Object.assign(host.style, { display: 'flex', flexDirection: 'column', height: '600px' });
  document.body.append(host);
  const app = createApp(() =>
    h(
      DataGrid,
      {
        label: 'Row height',
        count,
        columnCount: 1,
        ...(identity && { rowKey: identity }),
        onOpen: (index: number) => opened.push(index),
        onRemove: (index: number) => removed.push(index),
      },
      {
        head: () => h('span', { role: 'columnheader' }, 'Row'),
        row: ({ index }: { index: number }) => h('span', { role: 'gridcell' }, `Row ${index}`),
      },
    ),
  ).use(createPinia());
  app.mount(host);
  onTestFinished(() => {
    app.unmount();
    host.remove();
  });
  return { opened, removed, row: (index) => host.querySelector(`[aria-rowindex="${index + 2}"]`) };
}

/** Whether a row is completely visible: below the header and above the lower edge of the grid. */
function isInViewport(row: HTMLElement | null): boolean {
  const view = document.querySelector('[role="grid"]')?.getBoundingClientRect();
  const box = row?.getBoundingClientRect();
  return Boolean(view && box && box.top >= view.top + 31 && box.bottom <= view.bottom + 1);
}

describe('DataGrid', () => {
  it.each([1_000, 1_000_000, 5_000_000])(
    'DataGrid: with %i rows the keyboard reaches the first, the last and a middle row',
    async (count) => {
      const { row } = mountGrid(count);
      await expect.poll(() => isInViewport(row(0))).toBe(true);
      row(0)?.focus();
      await userEvent.keyboard('{End}');
      await expect.poll(() => isInViewport(row(count - 1))).toBe(true);
      expect(document.activeElement).toBe(row(count - 1));
      await userEvent.keyboard('{ArrowUp}{PageUp}{PageUp}');
      await expect.poll(() => Number(document.activeElement?.getAttribute('aria-rowindex'))).toBeLessThan(count - 20);
      await expect
        .poll(() => document.activeElement instanceof HTMLElement && isInViewport(document.activeElement))
        .toBe(true);
      await userEvent.keyboard('{Home}');
      await expect.poll(() => isInViewport(row(0))).toBe(true);
    },
  );

  it('DataGrid: a focused row stays in the document while it is scrolled out of view', async () => {
    const { row } = mountGrid(1_000);
    await expect.poll(() => isInViewport(row(0))).toBe(true);
    row(0)?.focus();
    document.querySelector('[role="grid"]')?.scrollTo({ top: 20_000 });
    await expect.poll(() => row(560)).not.toBeNull();
    expect(document.activeElement).toBe(row(0));
  });

  it('DataGrid: a click during a move of the rows does nothing', async () => {
    const first = shallowRef(100);
    const { row, opened } = mountGrid(10, (index) => first.value + index);
    await expect.poll(() => row(3)).not.toBeNull();
    const box = row(3)?.getBoundingClientRect();
    const eventInit = {
      bubbles: true,
      cancelable: true,
      detail: 1,
      clientX: (box?.left ?? 0) + 20,
      clientY: (box?.top ?? 0) + 10,
    };
    const movePointer = (): void => void row(3)?.dispatchEvent(new PointerEvent('pointermove', eventInit));
    const press = (): void => void row(3)?.dispatchEvent(new PointerEvent('pointerdown', eventInit));
    const click = (): void => void row(3)?.dispatchEvent(new MouseEvent('click', eventInit));
    const frame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));
    movePointer();
    press();
    click();
    expect(opened).toEqual([3]);
    // The rows move between press and release.
    press();
    first.value = 99;
    await nextTick();
    click();
    expect(opened).toEqual([3]);
    // The rows moved just before the press, under a pointer that does not move.
    await frame();
    press();
    click();
    expect(opened).toEqual([3]);
    // After the guard interval the click counts again.
    await expect
      .poll(() => {
        press();
        click();
        return opened.length;
      })
      .toBe(2);
  });

  it('DataGrid: Enter emits open and Delete emits remove', async () => {
    const { row, opened, removed } = mountGrid(10);
    await expect.poll(() => row(0)).not.toBeNull();
    row(0)?.focus();
    await userEvent.keyboard('{ArrowDown}{Enter}{ArrowDown}{Delete}');
    expect(opened).toEqual([1]);
    expect(removed).toEqual([2]);
    await expect.element(page.getByRole('grid')).toHaveAttribute('aria-rowcount', '11');
  });
});
