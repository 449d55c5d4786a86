/** Electron entry: starts the modules of the Electron host in this order. */
import './hosts/ignore-debug-signal.ts';
import { batchNotifications } from './hosts/electron/notifications.ts';
import { appModule } from './hosts/electron/app-module.ts';
import { ipc } from './hosts/electron/ipc.ts';
import { contentProtection } from './hosts/electron/content-protection.ts';
import { deepLinks } from './hosts/electron/deep-link-module.ts';
import { menu } from './hosts/electron/menu.ts';
import { profile } from './hosts/electron/profile.ts';
import { createAppContext, startModules } from './hosts/electron/app-context.ts';
import { appProtocol } from './hosts/electron/app-protocol.ts';
import { navigation, network, permissions, sandbox, webRtc } from './hosts/electron/security.ts';
import { shutdown } from './hosts/electron/shutdown.ts';
import { singleInstance } from './hosts/electron/single-instance.ts';
import { mainWindow } from './hosts/electron/window.ts';

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
  appModule,
  menu,
  mainWindow,
  ipc,
  contentProtection,
  batchNotifications,
]);
