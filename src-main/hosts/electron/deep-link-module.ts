/** A link from elsewhere names a session: the screen searches for it and shows it. It can ask for nothing else. */
import { app } from 'electron';
import { eventChannel } from '../../contract/channels.ts';
import type { EventName, EventPayload } from '../../contract/index.ts';
import { linkScheme, soughtAmong } from './deep-link.ts';
import type { Module } from './app-context.ts';

const opened = 'link.opened' satisfies EventName;

export const links: Module = (program) => {
  // What is installed answers for the scheme: a start from a checkout leaves the machine as it is.
  if (app.isPackaged) app.setAsDefaultProtocolClient(linkScheme);
  program.sought = soughtAmong(process.argv);

  const seek = (given: readonly string[]) => {
    const sought = soughtAmong(given);
    if (sought === null) return;
    const contents = program.window?.webContents;
    const tell = () => contents?.send(eventChannel, opened, { sought } satisfies EventPayload<typeof opened>);
    // A window that is still to be opened begins with it; a page that is being loaded hears nothing yet.
    if (!contents) program.sought = sought;
    else if (contents.isLoading()) contents.once('did-finish-load', tell);
    else tell();
  };
  app.on('second-instance', (_event, argv) => seek(argv));
  // macOS hands links over this way.
  app.on('open-url', (event, address) => {
    event.preventDefault();
    seek([address]);
  });
  return undefined;
};
