/** The native menu as data: what people expect of their system, and the console's own acts by their names in the contract. */
import type { MenuItemConstructorOptions } from 'electron';
import type { MenuAct } from '../../contract/index.ts';

const separator: MenuItemConstructorOptions = { type: 'separator' };

type Items = MenuItemConstructorOptions[];

export function menuTemplate(platform: NodeJS.Platform, development: boolean, choose: (act: MenuAct) => void): Items {
  const isMac = platform === 'darwin';
  const act = (id: MenuAct, label: string, accelerator?: string): MenuItemConstructorOptions =>
    ({ id, label, ...(accelerator && { accelerator }), click: () => choose(id) });
  const settings = act('goSettings', isMac ? 'Settings…' : 'Settings', 'CmdOrCtrl+,');
  const developing: MenuItemConstructorOptions[] = [{ role: 'reload' }, { role: 'toggleDevTools' }, separator];

  const app: MenuItemConstructorOptions = {
    role: 'appMenu',
    submenu: [
      { role: 'about' }, separator, settings, separator, { role: 'services' }, separator,
      { role: 'hide' }, { role: 'hideOthers' }, { role: 'unhide' }, separator, { role: 'quit' },
    ],
  };
  const file: MenuItemConstructorOptions = {
    role: 'fileMenu',
    submenu: [
      act('addSession', 'Add Session…', 'CmdOrCtrl+N'),
      act('importSessions', 'Import Sessions…', 'CmdOrCtrl+O'),
      act('takeEvent', 'Apply a Webhook Event…'),
      act('addConnection', 'Connect a Provider…'),
      separator,
      act('verifyAudit', 'Verify the Audit Log'),
      act('exportAudit', 'Export the Audit Log…'),
      separator,
      isMac ? { role: 'close' } : { role: 'quit' },
    ],
  };
  const edit: MenuItemConstructorOptions = {
    role: 'editMenu',
    submenu: [
      { role: 'undo' }, { role: 'redo' }, separator,
      { role: 'cut' }, { role: 'copy' }, { role: 'paste' }, { role: 'selectAll' }, separator,
      act('searchSessions', 'Search Sessions', 'CmdOrCtrl+F'),
    ],
  };
  const view: MenuItemConstructorOptions = {
    role: 'viewMenu',
    submenu: [
      // The screen hears these keys itself, in the browser too; on a Mac both do, and opening it twice opens it once.
      { ...act('openPalette', 'Command Palette', 'CmdOrCtrl+K'), registerAccelerator: false },
      separator,
      ...(development ? developing : []),
      { role: 'resetZoom' }, { role: 'zoomIn' }, { role: 'zoomOut' }, separator,
      { role: 'togglefullscreen' },
    ],
  };
  const go: MenuItemConstructorOptions = {
    id: 'go',
    label: 'Go',
    submenu: [
      act('goSessions', 'Sessions', 'CmdOrCtrl+1'), act('goBatches', 'Batches', 'CmdOrCtrl+2'), act('goAudit', 'Audit', 'CmdOrCtrl+3'),
      act('goConnections', 'Connections', 'CmdOrCtrl+4'), ...(isMac ? [] : [separator, settings]),
    ],
  };
  const help: MenuItemConstructorOptions = { role: 'help', submenu: [act('showKeys', 'Keyboard')] };
  return isMac ? [app, file, edit, view, go, { role: 'windowMenu' }, help] : [file, edit, view, go, help];
}
