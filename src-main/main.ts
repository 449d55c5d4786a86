/** Electron entry: starts the modules of the Electron host in this order. */
import './hosts/process-hardening.ts';
import { createAppContext, startModules } from './hosts/electron/app-context.ts';
import { openApplication, profile, shutdown, singleInstance } from './hosts/electron/app-lifecycle.ts';
import { batchNotifications } from './hosts/electron/batch-notifications.ts';
import { deepLinks } from './hosts/electron/deep-links.ts';
import { ipc } from './hosts/electron/ipc.ts';
import { menu } from './hosts/electron/menu.ts';
import { contentProtection, navigation, network, permissions, sandbox, webRtc } from './hosts/electron/security.ts';
import { appProtocol, mainWindow } from './hosts/electron/window.ts';

startModules(createAppContext(), [
  profile,
  singleInstance,
  deepLinks,
  shutdown,
  sandbox,
  navigation,
  webRtc,
  permissions,
  network,
  appProtocol,
  openApplication,
  menu,
  mainWindow,
  ipc,
  contentProtection,
  batchNotifications,
]);
