/** Handles deep links. A link names a session; the renderer searches for it. A link cannot start any other action. */
import { app } from 'electron';
import { eventChannel } from '../../contract/channels.ts';
import type { EventName, EventPayload } from '../../contract/index.ts';
import { deepLinkScheme, findDeepLink } from './deep-link.ts';
import type { AppModule } from './app-context.ts';

const linkOpenedEvent = 'link.opened' satisfies EventName;

export const deepLinks: AppModule = (context) => {
  // Only a packaged app registers the scheme; a start from a checkout does not change the system.
  if (app.isPackaged) app.setAsDefaultProtocolClient(deepLinkScheme);
  context.pendingDeepLink = findDeepLink(process.argv);

  const openLink = (addresses: readonly string[]) => {
    const query = findDeepLink(addresses);
    if (query === null) return;
    const contents = context.window?.webContents;
    const sendEvent = () =>
      contents?.send(eventChannel, linkOpenedEvent, { query } satisfies EventPayload<typeof linkOpenedEvent>);
    // Without a window, the link waits until it opens. A page that is still loading does not receive events.
    if (!contents) context.pendingDeepLink = query;
    else if (contents.isLoading()) contents.once('did-finish-load', sendEvent);
    else sendEvent();
  };
  app.on('second-instance', (_event, argv) => openLink(argv));
  // macOS
  app.on('open-url', (event, address) => {
    event.preventDefault();
    openLink([address]);
  });
  return undefined;
};
