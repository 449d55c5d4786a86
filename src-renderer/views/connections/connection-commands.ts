/**
 * Dialogs of a connection. Each name is also the query parameter that opens the dialog:
 * `/connections?replaceSecret=<id>`.
 */
export const connectionCommands = [
  'change',
  'rateLimit',
  'replaceSecret',
  'webhookSecret',
  'deleteSecret',
  'deleteWebhookSecret',
  'remove',
] as const;
export type ConnectionCommand = (typeof connectionCommands)[number];
