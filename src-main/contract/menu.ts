/** What the native menu of the window can ask of the screen; the screen knows each under the same name. */
import { z } from 'zod';

export const menuAct = z.enum([
  'openPalette',
  'searchSessions',
  'addSession',
  'importSessions',
  'takeEvent',
  'addConnection',
  'verifyAudit',
  'exportAudit',
  'goSessions',
  'goBatches',
  'goAudit',
  'goConnections',
  'goSettings',
  'showKeys',
]);
export type MenuAct = z.infer<typeof menuAct>;
