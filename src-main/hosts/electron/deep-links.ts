/**
 * Deep links, e.g. in a ticket: `session-desk://session/` followed by a URL-encoded reference or session id. The
 * renderer searches for the session. A link cannot start any other action.
 */
import { app } from 'electron';
import { eventChannel } from '../../contract/channels.ts';
import type { EventPayload, EventName } from '../../contract/index.ts';
import type { AppModule } from './app-context.ts';

const deepLinkScheme = 'session-desk';
const maxTargetLength = 200;
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

/** The reference or session id of a deep link, or null if `address` is not a valid deep link. */
export function parseDeepLink(address: string): string | null {
  const url = URL.parse(address);
  if (url?.protocol !== `${deepLinkScheme}:` || url.host !== 'session') return null;
  const hasOnlyPath = [url.username, url.password, url.search, url.hash].every((part) => part === '');
  const [, name = '', ...otherSegments] = url.pathname.split('/');
  if (!hasOnlyPath || otherSegments.length > 0) return null;
  try {
    const target = decodeURIComponent(name).trim();
    return target === '' || target.length > maxTargetLength || /\p{C}/u.test(target) ? null : target;
  } catch {
    return null;
  }
}

/** The target of the last deep link among program arguments, or null. */
export function findDeepLink(args: readonly string[]): string | null {
  return args.map(parseDeepLink).findLast((target) => target !== null) ?? null;
}
