/** What one run of a feed may add, so that a hostile source cannot fill the disk in one run. */
import { createMessage, type Message } from '../../contract/index.ts';

export interface FeedRunLimits {
  readonly maxSessions: number;
  readonly maxBytes: number;
}

export function createLimitMessage({ maxSessions, maxBytes }: FeedRunLimits): Message {
  return createMessage('feed.runLimitReached', { max: maxSessions, megabytes: maxBytes / 2 ** 20 });
}
