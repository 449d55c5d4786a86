import type { MenuItemConstructorOptions } from 'electron';
import { expect, it, vi } from 'vitest';
import { languages, menuCommand } from '../../../../src-main/contract/index.ts';
import type { Language, MenuCommand } from '../../../../src-main/contract/index.ts';
import { createMenuTemplate, menu } from '../../../../src-main/hosts/electron/menu.ts';
import type { AppContext } from '../../../../src-main/hosts/electron/app-context.ts';
import { Locale } from '../../../../src-main/hosts/electron/locale.ts';
import { nonEmpty } from '../../../support/non-empty.ts';

const menuState = vi.hoisted(() => ({ menus: [] as MenuItemConstructorOptions[][] }));
vi.mock('electron', () => ({
  Menu: {
    buildFromTemplate: (template: MenuItemConstructorOptions[]) => template,
    setApplicationMenu: (template: MenuItemConstructorOptions[]) => menuState.menus.push(template),
  },
}));

const platforms = ['darwin', 'linux', 'win32'] as const;
const noop = (): void => undefined;
const menuOf = (platform: NodeJS.Platform, language: Language = 'en', isDevelopment = false) =>
  createMenuTemplate(platform, isDevelopment, new Locale(() => [language]).texts, noop);

function items(template: readonly MenuItemConstructorOptions[]): MenuItemConstructorOptions[] {
  return template.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? items(item.submenu) : [])]);
}
const roles = (template: readonly MenuItemConstructorOptions[]): unknown[] => items(template).map(({ role }) => role);

it('menu: contains the standard menus of each platform', () => {
  const topLevelMenus = (platform: NodeJS.Platform) => menuOf(platform).map(({ role, id }) => role ?? id);
  expect(topLevelMenus('darwin')).toEqual(['appMenu', 'fileMenu', 'editMenu', 'viewMenu', 'go', 'windowMenu', 'help']);
  expect(topLevelMenus('linux')).toEqual(['fileMenu', 'editMenu', 'viewMenu', 'go', 'help']);
  for (const platform of platforms) {
    expect(roles(menuOf(platform))).toEqual(
      expect.arrayContaining(['quit', 'undo', 'copy', 'paste', 'togglefullscreen']),
    );
  }
});

// Verifies E-23.
it('menu: reload and developer tools are available only in development', () => {
  for (const platform of platforms) {
    expect(roles(menuOf(platform))).not.toContain('toggleDevTools');
    expect(roles(menuOf(platform))).not.toContain('reload');
    expect(roles(menuOf(platform, 'en', true))).toContain('toggleDevTools');
  }
});

it.each(platforms)('menu: contains every command once and sends it, on %s', (platform) => {
  const sentCommands: MenuCommand[] = [];
  const template = createMenuTemplate(platform, false, new Locale(() => ['en']).texts, (command) =>
    sentCommands.push(command),
  );
  const commandItems = items(template).filter(({ click }) => click);
  for (const item of commandItems) item.click?.(undefined as never, undefined, undefined as never);
  expect(sentCommands).toEqual(commandItems.map(({ id }) => id));
  expect([...sentCommands].sort()).toEqual([...menuCommand.options].sort());
});

it.each(platforms)('menu: accelerators on %s are unique and have a modifier key', (platform) => {
  const accelerators = nonEmpty(items(menuOf(platform))).flatMap(({ accelerator }) =>
    accelerator ? [accelerator] : [],
  );
  expect(new Set(accelerators).size).toBe(accelerators.length);
  expect(accelerators.filter((accelerator) => !accelerator.includes('+'))).toEqual([]);
});

const languagesAndPlatforms = languages.flatMap((language) =>
  platforms.map((platform) => [language, platform] as const),
);

it.each(nonEmpty(languagesAndPlatforms))(
  'menu: in %s on %s, every item has a label that is unique in its menu',
  (language, platform) => {
    for (const isDevelopment of [false, true]) {
      const allItems = nonEmpty(items(menuOf(platform, language, isDevelopment))).filter(
        ({ type }) => type !== 'separator',
      );
      expect(allItems.filter(({ label }) => !label?.trim())).toEqual([]);
      for (const { submenu } of nonEmpty(allItems)) {
        const labels = Array.isArray(submenu) ? submenu.flatMap(({ label }) => label ?? []) : [];
        expect(new Set(labels).size).toBe(labels.length);
      }
      const ids = allItems.flatMap(({ id }) => id ?? []);
      expect(new Set(ids).size).toBe(ids.length);
    }
  },
);

it.each(nonEmpty(languagesAndPlatforms))(
  'menu: in %s on %s, only the labels differ from English',
  (language, platform) => {
    const withoutLabels = (template: readonly MenuItemConstructorOptions[]) =>
      items(template).map(({ id, role, type, accelerator, registerAccelerator }) => ({
        id,
        role,
        type,
        accelerator,
        registerAccelerator,
      }));
    expect(withoutLabels(menuOf(platform, language, true))).toEqual(withoutLabels(menuOf(platform, 'en', true)));
  },
);

it('menu: uses the system language first, then the language of the renderer', () => {
  const locale = new Locale(() => ['fr-FR', 'en']);
  const handleReady = menu({ isDevelopment: false, locale, window: undefined } as unknown as AppContext);
  if (typeof handleReady !== 'function') throw new Error('The module returned no function.');
  void handleReady();
  const topLevelLabels = () =>
    menuState.menus
      .at(-1)
      ?.map(({ label }) => label)
      .filter((label) => label !== 'Session Desk');
  expect(topLevelLabels()?.[0]).toBe('Fichier');
  locale.setLanguage('id');
  expect(topLevelLabels()?.slice(0, 4)).toEqual(['Berkas', 'Edit', 'Tampilan', 'Buka']);
  locale.setLanguage('id');
  expect(menuState.menus).toHaveLength(2);
});
