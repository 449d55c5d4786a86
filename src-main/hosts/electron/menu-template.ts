/** The native menu as data: what people expect of their system, and the console's own acts by their names in the contract. */
import type { MenuItemConstructorOptions } from 'electron';
import type { MenuAct } from '../../contract/index.ts';
import type { Words } from './translations/index.ts';

const separator: MenuItemConstructorOptions = { type: 'separator' };

type Items = MenuItemConstructorOptions[];
type Role = NonNullable<MenuItemConstructorOptions['role']>;

/** Each item has a label of its own: those that Electron gives its roles are English alone. */
export function menuTemplate(
  platform: NodeJS.Platform,
  development: boolean,
  words: Words['menu'],
  choose: (act: MenuAct) => void,
): Items {
  const isMac = platform === 'darwin';
  const act = (id: MenuAct, accelerator?: string): MenuItemConstructorOptions => ({
    id,
    label: words[id],
    ...(accelerator && { accelerator }),
    click: () => choose(id),
  });
  const usual = (role: Role & keyof Words['menu']): MenuItemConstructorOptions => ({ role, label: words[role] });
  const settings = act('goSettings', 'CmdOrCtrl+,');
  const developing: MenuItemConstructorOptions[] = [usual('reload'), usual('toggleDevTools'), separator];

  const app: MenuItemConstructorOptions = {
    role: 'appMenu',
    // The system puts the program's name in its place.
    label: 'Session Desk',
    submenu: [
      usual('about'),
      separator,
      { ...settings, label: `${words.goSettings}…` },
      separator,
      usual('services'),
      separator,
      usual('hide'),
      usual('hideOthers'),
      usual('unhide'),
      separator,
      { role: 'quit', label: words.quitProgram },
    ],
  };
  const file: MenuItemConstructorOptions = {
    role: 'fileMenu',
    label: words.file,
    submenu: [
      act('addSession', 'CmdOrCtrl+N'),
      act('importSessions', 'CmdOrCtrl+O'),
      act('takeEvent'),
      act('addConnection'),
      separator,
      act('verifyAudit'),
      act('exportAudit'),
      separator,
      isMac ? usual('close') : { role: 'quit', label: platform === 'win32' ? words.exit : words.quit },
    ],
  };
  const edit: MenuItemConstructorOptions = {
    role: 'editMenu',
    label: words.edit,
    submenu: [
      usual('undo'),
      usual('redo'),
      separator,
      usual('cut'),
      usual('copy'),
      usual('paste'),
      usual('selectAll'),
      separator,
      act('searchSessions', 'CmdOrCtrl+F'),
    ],
  };
  const view: MenuItemConstructorOptions = {
    role: 'viewMenu',
    label: words.view,
    submenu: [
      // The screen hears these keys itself, in the browser too; on a Mac both do, and opening it twice opens it once.
      { ...act('openPalette', 'CmdOrCtrl+K'), registerAccelerator: false },
      separator,
      ...(development ? developing : []),
      usual('resetZoom'),
      usual('zoomIn'),
      usual('zoomOut'),
      separator,
      usual('togglefullscreen'),
    ],
  };
  const go: MenuItemConstructorOptions = {
    id: 'go',
    label: words.go,
    submenu: [
      act('goSessions', 'CmdOrCtrl+1'),
      act('goBatches', 'CmdOrCtrl+2'),
      act('goAudit', 'CmdOrCtrl+3'),
      act('goConnections', 'CmdOrCtrl+4'),
      ...(isMac ? [] : [separator, settings]),
    ],
  };
  const windows: MenuItemConstructorOptions = {
    role: 'windowMenu',
    label: words.window,
    submenu: [usual('minimize'), usual('zoom'), separator, usual('front')],
  };
  const help: MenuItemConstructorOptions = { role: 'help', label: words.help, submenu: [act('showKeys')] };
  return isMac ? [app, file, edit, view, go, windows, help] : [file, edit, view, go, help];
}
