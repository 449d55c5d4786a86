/** The native menu as data: standard items of the platform, and the commands of the contract. */
import type { MenuItemConstructorOptions } from 'electron';
import type { MenuCommand } from '../../contract/index.ts';
import type { Messages } from './translations/index.ts';

const separator: MenuItemConstructorOptions = { type: 'separator' };

type MenuItems = MenuItemConstructorOptions[];
type MenuRole = NonNullable<MenuItemConstructorOptions['role']>;

/** Every item has a label, because Electron's default labels of roles are English. */
export function createMenuTemplate(
  platform: NodeJS.Platform,
  isDevelopment: boolean,
  messages: Messages['menu'],
  sendCommand: (command: MenuCommand) => void,
): MenuItems {
  const isMac = platform === 'darwin';
  const commandItem = (id: MenuCommand, accelerator?: string): MenuItemConstructorOptions => ({
    id,
    label: messages[id],
    ...(accelerator && { accelerator }),
    click: () => sendCommand(id),
  });
  const roleItem = (role: MenuRole & keyof Messages['menu']): MenuItemConstructorOptions => ({
    role,
    label: messages[role],
  });
  const settings = commandItem('goSettings', 'CmdOrCtrl+,');
  const developmentItems: MenuItemConstructorOptions[] = [roleItem('reload'), roleItem('toggleDevTools'), separator];

  const app: MenuItemConstructorOptions = {
    role: 'appMenu',
    // macOS replaces this label with the app name.
    label: 'Session Desk',
    submenu: [
      roleItem('about'),
      separator,
      { ...settings, label: `${messages.goSettings}…` },
      separator,
      roleItem('services'),
      separator,
      roleItem('hide'),
      roleItem('hideOthers'),
      roleItem('unhide'),
      separator,
      { role: 'quit', label: messages.quitProgram },
    ],
  };
  const file: MenuItemConstructorOptions = {
    role: 'fileMenu',
    label: messages.file,
    submenu: [
      commandItem('addSession', 'CmdOrCtrl+N'),
      commandItem('importSessions', 'CmdOrCtrl+O'),
      commandItem('applyWebhookEvent'),
      commandItem('addConnection'),
      separator,
      commandItem('verifyAudit'),
      commandItem('exportAudit'),
      separator,
      isMac ? roleItem('close') : { role: 'quit', label: platform === 'win32' ? messages.exit : messages.quit },
    ],
  };
  const edit: MenuItemConstructorOptions = {
    role: 'editMenu',
    label: messages.edit,
    submenu: [
      roleItem('undo'),
      roleItem('redo'),
      separator,
      roleItem('cut'),
      roleItem('copy'),
      roleItem('paste'),
      roleItem('selectAll'),
      separator,
      commandItem('searchSessions', 'CmdOrCtrl+F'),
    ],
  };
  const view: MenuItemConstructorOptions = {
    role: 'viewMenu',
    label: messages.view,
    submenu: [
      // The renderer handles this shortcut. On macOS the menu handles it too; opening an open palette has no effect.
      { ...commandItem('openPalette', 'CmdOrCtrl+K'), registerAccelerator: false },
      separator,
      ...(isDevelopment ? developmentItems : []),
      roleItem('resetZoom'),
      roleItem('zoomIn'),
      roleItem('zoomOut'),
      separator,
      roleItem('togglefullscreen'),
    ],
  };
  const go: MenuItemConstructorOptions = {
    id: 'go',
    label: messages.go,
    submenu: [
      commandItem('goSessions', 'CmdOrCtrl+1'),
      commandItem('goBatches', 'CmdOrCtrl+2'),
      commandItem('goAudit', 'CmdOrCtrl+3'),
      commandItem('goConnections', 'CmdOrCtrl+4'),
      ...(isMac ? [] : [separator, settings]),
    ],
  };
  const window: MenuItemConstructorOptions = {
    role: 'windowMenu',
    label: messages.window,
    submenu: [roleItem('minimize'), roleItem('zoom'), separator, roleItem('front')],
  };
  const help: MenuItemConstructorOptions = {
    role: 'help',
    label: messages.help,
    submenu: [commandItem('showShortcuts')],
  };
  return isMac ? [app, file, edit, view, go, window, help] : [file, edit, view, go, help];
}
