/** A link from elsewhere names a session: the screen searches for it and shows it. It can ask for nothing else. */
import { app } from 'electron';
import { eventChannel } from '../../contract/channels.ts';
import type { EventName, EventPayload } from '../../contract/index.ts';
import { deepLinkScheme, findDeepLink } from './deep-link.ts';
import type { AppModule } from './app-context.ts';

const linkOpenedEvent = 'link.opened' satisfies EventName;

export const deepLinks: AppModule = (context) => {
  // What is installed answers for the scheme: a start from a checkout leaves the machine as it is.
  if (app.isPackaged) app.setAsDefaultProtocolClient(deepLinkScheme);
  context.pendingDeepLink = findDeepLink(process.argv);

  const seek = (given: readonly string[]) => {
    const query = findDeepLink(given);
    if (query === null) return;
    const contents = context.window?.webContents;
    const tell = () =>
      contents?.send(eventChannel, linkOpenedEvent, { query } satisfies EventPayload<typeof linkOpenedEvent>);
    // A window that is still to be opened begins with it; a page that is being loaded hears nothing yet.
    if (!contents) context.pendingDeepLink = query;
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
