/** The Electron entry: the modules of the window in the order in which they start. */
import { batchNotices } from './hosts/electron/notifications.ts';
import { desk } from './hosts/electron/app-module.ts';
import { ipc } from './hosts/electron/ipc.ts';
import { links } from './hosts/electron/deep-link-module.ts';
import { menu } from './hosts/electron/menu.ts';
import { profile } from './hosts/electron/profile.ts';
import { newProgram, run } from './hosts/electron/app-context.ts';
import { ownScheme } from './hosts/electron/app-protocol.ts';
import { navigation, network, permissions, sandbox } from './hosts/electron/security.ts';
import { shutdown } from './hosts/electron/shutdown.ts';
import { singleInstance } from './hosts/electron/single-instance.ts';
import { mainWindow } from './hosts/electron/window.ts';

run(newProgram(), [
  profile,
  singleInstance,
  links,
  shutdown,
  sandbox,
  navigation,
  permissions,
  network,
  ownScheme,
  desk,
  menu,
  mainWindow,
  ipc,
  batchNotices,
]);
