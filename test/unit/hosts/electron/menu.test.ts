import type { MenuItemConstructorOptions } from 'electron';
import { expect, it } from 'vitest';
import { menuAct } from '../../../../src-main/contract/index.ts';
import type { MenuAct } from '../../../../src-main/contract/index.ts';
import { menuTemplate } from '../../../../src-main/hosts/electron/menu-template.ts';

const platforms = ['darwin', 'linux', 'win32'] as const;
const nobody = (): void => undefined;

function items(template: readonly MenuItemConstructorOptions[]): MenuItemConstructorOptions[] {
  return template.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? items(item.submenu) : [])]);
}
const roles = (template: readonly MenuItemConstructorOptions[]): unknown[] => items(template).map(({ role }) => role);

it('has what each system expects', () => {
  const tops = (platform: NodeJS.Platform) => menuTemplate(platform, false, nobody).map(({ role, id }) => role ?? id);
  expect(tops('darwin')).toEqual(['appMenu', 'fileMenu', 'editMenu', 'viewMenu', 'go', 'windowMenu', 'help']);
  expect(tops('linux')).toEqual(['fileMenu', 'editMenu', 'viewMenu', 'go', 'help']);
  for (const platform of platforms) {
    expect(roles(menuTemplate(platform, false, nobody))).toEqual(expect.arrayContaining(['quit', 'undo', 'copy', 'paste', 'togglefullscreen']));
  }
});

// Keeps E-23.
it('offers reload and developer tools to developers alone', () => {
  for (const platform of platforms) {
    expect(roles(menuTemplate(platform, false, nobody))).not.toContain('toggleDevTools');
    expect(roles(menuTemplate(platform, false, nobody))).not.toContain('reload');
    expect(roles(menuTemplate(platform, true, nobody))).toContain('toggleDevTools');
  }
});

it.each(platforms)('has every act that it may ask for once, on %s, and asks for that one', (platform) => {
  const asked: MenuAct[] = [];
  const acts = items(menuTemplate(platform, false, (act) => asked.push(act))).filter(({ click }) => click);
  for (const item of acts) item.click?.(undefined as never, undefined, undefined as never);
  expect(asked).toEqual(acts.map(({ id }) => id));
  expect([...asked].sort()).toEqual([...menuAct.options].sort());
});

it.each(platforms)('gives no accelerator twice on %s, and none that is a letter alone', (platform) => {
  const accelerators = items(menuTemplate(platform, false, nobody)).flatMap(({ accelerator }) => (accelerator ? [accelerator] : []));
  expect(new Set(accelerators).size).toBe(accelerators.length);
  expect(accelerators.filter((accelerator) => !accelerator.includes('+'))).toEqual([]);
});
