/** The two IPC channels between the window and the main process. Apart from the schemas: the preload must stay small. */
export const callChannel = 'app:call';
export const eventChannel = 'app:event';
