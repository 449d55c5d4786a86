/** How both hosts open and close the desk. */
import { hostname, userInfo } from 'node:os';
import { openDesk, osKeychain } from '../core/index.ts';
import type { Desk, DeskOptions, Log } from '../core/app.ts';

/** How long what is in flight may take to be recorded before the process ends regardless. */
const longestCloseMs = 10_000;

export interface HostFacts {
  readonly dataFolder: string;
  readonly version: string;
  readonly storeWorker: URL;
  /** The host's own way out of this machine; without it the environment's proxy variables rule. */
  readonly providers?: NonNullable<DeskOptions['providers']>;
  readonly speak?: NonNullable<DeskOptions['speak']>;
  readonly log: Log;
}

/** Opens the desk on the operator's real work; rejects only where not even a desk with a trouble to show can be had. */
export function openHostDesk(facts: HostFacts): Promise<Desk> {
  return openDesk({
    ...facts,
    workspace: 'work',
    operator: operatorName(),
    hostName: hostname(),
    keychain: osKeychain(),
  });
}

/** Closes the desk, within bounds. */
export async function closeDesk(desk: Pick<Desk, 'close'>, log: Log, longestMs = longestCloseMs): Promise<void> {
  const late = new Promise<'late'>((resolve) => setTimeout(resolve, longestMs, 'late').unref());
  const end = await Promise.race([desk.close().catch(() => 'failed' as const), late]);
  if (end !== undefined)
    log.error({ end }, 'The desk did not close as it should; the next start takes up what was left');
}

/** The operating system's name for the person; some containers have a user id without one. */
function operatorName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}
