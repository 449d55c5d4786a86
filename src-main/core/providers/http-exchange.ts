/** What became of one request: three classes, and the table that tells them apart. Never holds an axios error. */
import { ConnectError, getErrorCode, type ConnectErrorCause } from './connect.ts';

type NotSentCause = ConnectErrorCause | 'stopped_before_sending';
type UnknownCause = 'timed_out' | 'connection_lost' | 'answer_cut' | 'answer_unreadable' | 'console_stopped';

/** `detail` is a code such as `ECONNRESET`, for the log and for a hint; never text from the other side. */
export type HttpExchange = { readonly durationMs: number } &
  /** Proven: no byte of the request was handed to a connection. */
  (
    | { readonly class: 'not_sent'; readonly cause: NotSentCause; readonly detail: string | null }
    /** The request left, and no whole answer came back. `httpStatus` is set where at least the head was read. */
    | {
        readonly class: 'unknown';
        readonly cause: UnknownCause;
        readonly detail: string | null;
        readonly httpStatus: number | null;
      }
    /** A whole answer of any status, redirects included. Header names in lower case. */
    | {
        readonly class: 'answered';
        readonly httpStatus: number;
        readonly reasonPhrase: string;
        readonly headers: Readonly<Record<string, string>>;
        readonly body: string;
      }
  );

/** An exchange before its time is taken. */
export type UntimedExchange = HttpExchange extends infer Each
  ? Each extends HttpExchange
    ? Omit<Each, 'durationMs'>
    : never
  : never;

/** How far a request has come. */
export interface RequestProgress {
  /** A connection was given to the request: from here on bytes may have left. */
  isSocketAssigned: boolean;
  httpStatus: number | null;
  /** The answer's time limit has passed. */
  isTimedOut: boolean;
}

/** The failure table: what an exchange that broke off proves. Everything not proven is `unknown`. */
export function classifyFailure(
  error: unknown,
  { isSocketAssigned, httpStatus, isTimedOut }: RequestProgress,
  stopped: boolean,
): UntimedExchange {
  const root = getRootCause(error);
  const detail = getErrorCode(root);
  if (!isSocketAssigned) {
    if (root instanceof ConnectError) return { class: 'not_sent', cause: root.failureCause, detail: root.detail };
    return { class: 'not_sent', cause: stopped ? 'stopped_before_sending' : 'connect_failed', detail };
  }
  if (isTimedOut) return { class: 'unknown', cause: 'timed_out', detail: null, httpStatus };
  if (stopped) return { class: 'unknown', cause: 'console_stopped', detail: null, httpStatus };
  // HPE: the parser could not read it as HTTP. maxContentLength, broken compression: it came, and is of no use.
  const isTooLarge = error instanceof Error && error.message.startsWith('maxContentLength');
  if (isTooLarge || /^(HPE_|Z_|ERR_.*BROTLI)/.test(detail ?? '')) {
    return { class: 'unknown', cause: 'answer_unreadable', detail, httpStatus };
  }
  return { class: 'unknown', cause: httpStatus === null ? 'connection_lost' : 'answer_cut', detail, httpStatus };
}

/** Axios wraps what went wrong; the innermost error is the one that says so. */
function getRootCause(error: unknown): unknown {
  let root = error;
  while (root instanceof Error && root.cause instanceof Error) root = root.cause;
  return root;
}
