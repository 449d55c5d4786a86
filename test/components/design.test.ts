import { beforeEach, describe, expect, it } from 'vitest';
import { commands, page, userEvent } from 'vitest/browser';
import type {} from '../support/axe-command.ts';
import { mountApp } from './mount-app.ts';

const sheet = (scheme: string) => page.getByRole('region', { name: scheme });

beforeEach(() => page.viewport(1920, 1080));

describe('design view', () => {
  it('design view: both themes are shown and axe reports no violation', async () => {
    await mountApp({ sessionCount: 3 }, '/design');
    await expect.element(sheet('dark')).toBeVisible();
    const colours = [...document.querySelectorAll('.sheet')].map(
      (element) => getComputedStyle(element).backgroundColor,
    );
    expect(new Set(colours).size).toBe(2);
    expect(await commands.axe('.sheet')).toEqual([]);
    // The check detects a violation.
    document.querySelector('.sheet')?.append(document.createElement('button'));
    expect(await commands.axe('.sheet')).toEqual([expect.stringContaining('button-name')]);
  });

  it('design view: every component of the renderer is used', async () => {
    const components = Object.keys(import.meta.glob('../../src-renderer/components/*.vue')).map(
      (path) => /(\w+)\.vue$/.exec(path)?.[1] ?? '',
    );
    const sources = import.meta.glob<string>('../../src-renderer/{views/design/DesignSheet,components/*,App}.vue', {
      query: '?raw',
      import: 'default',
      eager: true,
    });
    const shown = Object.values(sources).join('\n');
    expect(components.filter((component) => !shown.includes(`<${component}`))).toEqual([]);
  });

  it.each(['plain', 'production', 'persistent', 'wide', 'extra-wide'])(
    'design view: the dialog "%s" opens and axe reports no violation',
    async (name) => {
      await mountApp({ sessionCount: 3 }, '/design');
      await sheet('light')
        .getByRole('button', { name: `Dialog: ${name}` })
        .click();
      await expect.element(page.getByRole('dialog')).toBeVisible();
      expect(await commands.axe('[role=dialog]')).toEqual([]);
    },
  );

  it.each(['light', 'dark'] as const)(
    'design view: the menu and the toasts in the %s theme have no axe violation',
    async (scheme) => {
      await mountApp({ sessionCount: 3 }, '/design');
      document.documentElement.dataset['theme'] = scheme;
      await sheet(scheme).getByRole('button', { name: 'Success toast' }).click();
      await sheet(scheme).getByRole('button', { name: 'Error toast' }).click();
      await sheet(scheme).getByRole('button', { name: 'Menu' }).click();
      await expect.element(page.getByRole('menu')).toBeVisible();
      expect(await commands.axe('[role=menu]')).toEqual([]);
      await userEvent.keyboard('{Escape}');
      expect(await commands.axe('#app')).toEqual([]);
    },
  );
});
