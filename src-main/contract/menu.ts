/** What the native menu of the window can ask of the screen; the screen knows each under the same name. */
import { z } from 'zod';

export const menuCommand = z.enum([
  'openPalette',
  'searchSessions',
  'addSession',
  'importSessions',
  'applyWebhookEvent',
  'addConnection',
  'verifyAudit',
  'exportAudit',
  'goSessions',
  'goBatches',
  'goAudit',
  'goConnections',
  'goSettings',
  'showShortcuts',
]);
export type MenuCommand = z.infer<typeof menuCommand>;
