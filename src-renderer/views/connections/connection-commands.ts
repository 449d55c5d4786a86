/** What can be done with a connection in a dialog; also the name of the query that opens it: `/connections?replaceSecret=<id>`. */
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
