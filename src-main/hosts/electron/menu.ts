/** The native menu: standard items of the platform, and commands that the renderer runs. */
import { Menu } from 'electron';
import type { MenuItemConstructorOptions } from 'electron';
import { eventChannel } from '../../contract/channels.ts';
import type { EventPayload, MenuCommand, EventName } from '../../contract/index.ts';
import type { AppModule } from './app-context.ts';
import type { Texts } from './locale.ts';

const menuSelectedEvent = 'menu.selected' satisfies EventName;

export const menu: AppModule = (context) => () => {
  const sendCommand = (command: MenuCommand) =>
    context.window?.webContents.send(eventChannel, menuSelectedEvent, { command } satisfies EventPayload<
      typeof menuSelectedEvent
    >);
  const setMenu = () => {
    const template = createMenuTemplate(process.platform, context.isDevelopment, context.locale.texts, sendCommand);
    Menu.setApplicationMenu(Menu.buildFromTemplate(template));
  };
  setMenu();
  context.locale.onChange(setMenu);
};

const separator: MenuItemConstructorOptions = { type: 'separator' };

type MenuItems = MenuItemConstructorOptions[];
type MenuRole = NonNullable<MenuItemConstructorOptions['role']>;
type MenuLabels = Texts['native']['menu'];

/** Every item has a label, because Electron's default labels of roles are English. */
export function createMenuTemplate(
  platform: NodeJS.Platform,
  isDevelopment: boolean,
  { native: { menu: labels }, action, command, nav }: Texts,
  sendCommand: (command: MenuCommand) => void,
): MenuItems {
  const isMac = platform === 'darwin';
  const commandItem = (id: MenuCommand, label: string, accelerator?: string): MenuItemConstructorOptions => ({
    id,
    label,
    ...(accelerator && { accelerator }),
    click: () => sendCommand(id),
  });
  const roleItem = (role: MenuRole & keyof MenuLabels): MenuItemConstructorOptions => ({ role, label: labels[role] });
  const settings = commandItem('goSettings', nav.settings, 'CmdOrCtrl+,');
  const developmentItems: MenuItemConstructorOptions[] = [roleItem('reload'), roleItem('toggleDevTools'), separator];

  const app: MenuItemConstructorOptions = {
    role: 'appMenu',
    // macOS replaces this label with the app name.
    label: 'Session Desk',
    submenu: [
      { role: 'about', label: command.showAbout },
      separator,
      { ...settings, label: `${nav.settings}…` },
      separator,
      roleItem('services'),
      separator,
      roleItem('hide'),
      roleItem('hideOthers'),
      roleItem('unhide'),
      separator,
      { role: 'quit', label: labels.quitProgram },
    ],
  };
  const file: MenuItemConstructorOptions = {
    role: 'fileMenu',
    label: labels.file,
    submenu: [
      commandItem('addSession', labels.addSession, 'CmdOrCtrl+N'),
      commandItem('importSessions', labels.importSessions, 'CmdOrCtrl+O'),
      commandItem('applyWebhookEvent', labels.applyWebhookEvent),
      commandItem('addConnection', labels.addConnection),
      separator,
      commandItem('verifyAudit', labels.verifyAudit),
      commandItem('exportAudit', labels.exportAudit),
      separator,
      isMac ? roleItem('close') : { role: 'quit', label: platform === 'win32' ? labels.exit : labels.quit },
    ],
  };
  const edit: MenuItemConstructorOptions = {
    role: 'editMenu',
    label: labels.edit,
    submenu: [
      { role: 'undo', label: action.undo },
      roleItem('redo'),
      separator,
      roleItem('cut'),
      roleItem('copy'),
      roleItem('paste'),
      roleItem('selectAll'),
      separator,
      commandItem('searchSessions', labels.searchSessions, 'CmdOrCtrl+F'),
    ],
  };
  const view: MenuItemConstructorOptions = {
    role: 'viewMenu',
    label: labels.view,
    submenu: [
      // The renderer handles this shortcut. On macOS the menu handles it too; opening an open palette has no effect.
      { ...commandItem('openPalette', command.openPalette, 'CmdOrCtrl+K'), registerAccelerator: false },
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
    label: labels.go,
    submenu: [
      commandItem('goSessions', nav.sessions, 'CmdOrCtrl+1'),
      commandItem('goBatches', nav.batches, 'CmdOrCtrl+2'),
      commandItem('goAudit', nav.audit, 'CmdOrCtrl+3'),
      commandItem('goConnections', nav.connections, 'CmdOrCtrl+4'),
      ...(isMac ? [] : [separator, settings]),
    ],
  };
  const window: MenuItemConstructorOptions = {
    role: 'windowMenu',
    label: labels.window,
    submenu: [roleItem('minimize'), roleItem('zoom'), separator, roleItem('front')],
  };
  const help: MenuItemConstructorOptions = {
    role: 'help',
    label: labels.help,
    submenu: [commandItem('showShortcuts', labels.showShortcuts)],
  };
  return isMac ? [app, file, edit, view, go, window, help] : [file, edit, view, go, help];
}
