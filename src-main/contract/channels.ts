/** The two IPC channels between renderer and main process. In a separate file, so that the preload bundles no zod. */
export const callChannel = 'app:call';
export const eventChannel = 'app:event';
