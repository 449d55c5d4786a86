/** Commands that the native menu sends to the renderer. The renderer registers its commands under the same ids. */
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
