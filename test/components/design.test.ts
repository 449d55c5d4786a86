import { beforeEach, describe, expect, it } from 'vitest';
import { page } from 'vitest/browser';
import { mountApp } from './mount-app.ts';
import { nonEmpty } from '../support/non-empty.ts';

const sheet = (scheme: string) => page.getByRole('region', { name: scheme });

beforeEach(() => page.viewport(1920, 1080));

describe('design view', () => {
  it('design view: both themes are shown', async () => {
    await mountApp({ sessionCount: 3 }, '/design');
    await expect.element(sheet('dark')).toBeVisible();
    const colours = [...document.querySelectorAll('.sheet')].map(
      (element) => getComputedStyle(element).backgroundColor,
    );
    expect(new Set(colours).size).toBe(2);
  });

  it('design view: every component of the renderer is used', async () => {
    const components = Object.keys(import.meta.glob('../../src-renderer/components/*.vue')).map(
      (path) => /(\w+)\.vue$/.exec(path)?.[1] ?? '',
    );
    const sources = import.meta.glob<string>('../../src-renderer/{views/design/DesignView,components/*,App}.vue', {
      query: '?raw',
      import: 'default',
      eager: true,
    });
    const shown = Object.values(sources).join('\n');
    expect(nonEmpty(components).filter((component) => !shown.includes(`<${component}`))).toEqual([]);
  });
});
