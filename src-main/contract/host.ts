/** Calls that the host answers without core, and events that the window sends without core. */
import { z } from 'zod';
import { language } from './languages.ts';

export const hostCalls = {
  /** Reports the renderer's language at its start and at each change. The native menu and dialogs use it too. */
  'app.setLanguage': { input: z.object({ language }), output: z.object({}) },
  /** The page has copied a text that is removed from the clipboard after `clipboardExpirySeconds`. */
  'app.expireClipboard': { input: z.object({ text: z.string().min(1).max(1_000) }), output: z.object({}) },
} as const;

/** Commands of the native menu. The renderer registers its commands under the same ids. */
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

export const windowEvents = {
  /** A command of the native menu. */
  'menu.selected': z.object({ command: menuCommand }),
  /** A deep link was opened. `query`: a reference or a session id. */
  'link.opened': z.object({ query: z.string().max(200) }),
} as const;
export type WindowEventName = keyof typeof windowEvents;
