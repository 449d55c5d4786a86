import type { MenuItemConstructorOptions } from 'electron';
import { expect, it, vi } from 'vitest';
import { languages, menuCommand } from '../../../../src-main/contract/index.ts';
import type { Language, MenuCommand } from '../../../../src-main/contract/index.ts';
import { menu } from '../../../../src-main/hosts/electron/menu.ts';
import { createMenuTemplate } from '../../../../src-main/hosts/electron/menu-template.ts';
import type { AppContext } from '../../../../src-main/hosts/electron/app-context.ts';
import { Locale } from '../../../../src-main/hosts/electron/locale.ts';
import { messagesByLanguage } from '../../../../src-main/hosts/electron/translations/index.ts';

const menuState = vi.hoisted(() => ({ menus: [] as MenuItemConstructorOptions[][] }));
vi.mock('electron', () => ({
  Menu: {
    buildFromTemplate: (template: MenuItemConstructorOptions[]) => template,
    setApplicationMenu: (set: MenuItemConstructorOptions[]) => menuState.menus.push(set),
  },
}));

const platforms = ['darwin', 'linux', 'win32'] as const;
const noop = (): void => undefined;
const menuOf = (platform: NodeJS.Platform, language: Language = 'en', development = false) =>
  createMenuTemplate(platform, development, messagesByLanguage[language].menu, noop);

function items(template: readonly MenuItemConstructorOptions[]): MenuItemConstructorOptions[] {
  return template.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? items(item.submenu) : [])]);
}
const roles = (template: readonly MenuItemConstructorOptions[]): unknown[] => items(template).map(({ role }) => role);

it('has what each system expects', () => {
  const tops = (platform: NodeJS.Platform) => menuOf(platform).map(({ role, id }) => role ?? id);
  expect(tops('darwin')).toEqual(['appMenu', 'fileMenu', 'editMenu', 'viewMenu', 'go', 'windowMenu', 'help']);
  expect(tops('linux')).toEqual(['fileMenu', 'editMenu', 'viewMenu', 'go', 'help']);
  for (const platform of platforms) {
    expect(roles(menuOf(platform))).toEqual(
      expect.arrayContaining(['quit', 'undo', 'copy', 'paste', 'togglefullscreen']),
    );
  }
});

// Verifies E-23.
it('offers reload and developer tools to developers alone', () => {
  for (const platform of platforms) {
    expect(roles(menuOf(platform))).not.toContain('toggleDevTools');
    expect(roles(menuOf(platform))).not.toContain('reload');
    expect(roles(menuOf(platform, 'en', true))).toContain('toggleDevTools');
  }
});

it.each(platforms)('has every act that it may ask for once, on %s, and asks for that one', (platform) => {
  const asked: MenuCommand[] = [];
  const acts = items(createMenuTemplate(platform, false, messagesByLanguage.en.menu, (act) => asked.push(act))).filter(
    ({ click }) => click,
  );
  for (const item of acts) item.click?.(undefined as never, undefined, undefined as never);
  expect(asked).toEqual(acts.map(({ id }) => id));
  expect([...asked].sort()).toEqual([...menuCommand.options].sort());
});

it.each(platforms)('gives no accelerator twice on %s, and none that is a letter alone', (platform) => {
  const accelerators = items(menuOf(platform)).flatMap(({ accelerator }) => (accelerator ? [accelerator] : []));
  expect(new Set(accelerators).size).toBe(accelerators.length);
  expect(accelerators.filter((accelerator) => !accelerator.includes('+'))).toEqual([]);
});

const languagesAndPlatforms = languages.flatMap((language) =>
  platforms.map((platform) => [language, platform] as const),
);

it.each(languagesAndPlatforms)('says every item in %s on %s, none twice in the same menu', (language, platform) => {
  for (const development of [false, true]) {
    const all = items(menuOf(platform, language, development)).filter(({ type }) => type !== 'separator');
    expect(all.filter(({ label }) => !label?.trim())).toEqual([]);
    for (const { submenu } of all) {
      const labels = Array.isArray(submenu) ? submenu.flatMap(({ label }) => label ?? []) : [];
      expect(new Set(labels).size).toBe(labels.length);
    }
    const ids = all.flatMap(({ id }) => id ?? []);
    expect(new Set(ids).size).toBe(ids.length);
  }
});

it.each(languagesAndPlatforms)('changes nothing but the words in %s on %s', (language, platform) => {
  const silent = (template: readonly MenuItemConstructorOptions[]) =>
    items(template).map(({ id, role, type, accelerator, registerAccelerator }) => ({
      id,
      role,
      type,
      accelerator,
      registerAccelerator,
    }));
  expect(silent(menuOf(platform, language, true))).toEqual(silent(menuOf(platform, 'en', true)));
});

it('is as the system speaks at first, then as the screen does, from the moment it does', () => {
  const locale = new Locale(() => ['fr-FR', 'en']);
  const ready = menu({ isDevelopment: false, locale, window: undefined } as unknown as AppContext);
  if (typeof ready !== 'function') throw new Error('The module leaves nothing to do when Electron is ready.');
  void ready();
  const tops = () =>
    menuState.menus
      .at(-1)
      ?.map(({ label }) => label)
      .filter((label) => label !== 'Session Desk');
  expect(tops()?.[0]).toBe('Fichier');
  locale.setLanguage('id');
  expect(tops()?.slice(0, 4)).toEqual(['Berkas', 'Edit', 'Tampilan', 'Buka']);
  locale.setLanguage('id');
  expect(menuState.menus).toHaveLength(2);
});
