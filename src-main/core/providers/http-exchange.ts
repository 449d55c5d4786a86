/** The result of one HTTP request in three classes, and the rules that classify a failure. Contains no axios error. */
import { getErrorCode } from '../../contract/index.ts';
import { ConnectError, type ConnectErrorCause } from './connect.ts';

type NotSentCause = ConnectErrorCause | 'stopped_before_sending';
type UnknownCause = 'timed_out' | 'connection_lost' | 'answer_cut' | 'answer_unreadable' | 'console_stopped';

/** `detail` is a code such as `ECONNRESET` for the log and the message; never text from the server. */
export type HttpExchange = { readonly durationMs: number } &
  /** No byte of the request was written to a connection. This is proven. */
  (
    | { readonly class: 'not_sent'; readonly cause: NotSentCause; readonly detail: string | null }
    /** The request was sent and no complete response arrived. `httpStatus` is set if the response head was read. */
    | {
        readonly class: 'unknown';
        readonly cause: UnknownCause;
        readonly detail: string | null;
        readonly httpStatus: number | null;
      }
    /** A complete response with any status, redirects included. Header names are in lower case. */
    | {
        readonly class: 'answered';
        readonly httpStatus: number;
        readonly reasonPhrase: string;
        readonly headers: Readonly<Record<string, string>>;
        readonly body: string;
      }
  );

/** An exchange whose duration is not measured yet. */
export type UntimedExchange = HttpExchange extends infer Variant
  ? Variant extends HttpExchange
    ? Omit<Variant, 'durationMs'>
    : never
  : never;

/** How far a request has progressed. */
export interface RequestProgress {
  /** The request has a socket, so bytes may have been sent. */
  isSocketAssigned: boolean;
  httpStatus: number | null;
  /** The time limit of the response has passed. */
  isTimedOut: boolean;
}

/** Classifies a failed exchange. `not_sent` needs proof; everything else is `unknown`. */
export function classifyFailure(
  error: unknown,
  { isSocketAssigned, httpStatus, isTimedOut }: RequestProgress,
  isAborted: boolean,
): UntimedExchange {
  const root = getRootCause(error);
  const detail = getErrorCode(root);
  if (!isSocketAssigned) {
    if (root instanceof ConnectError) return { class: 'not_sent', cause: root.failureCause, detail: root.detail };
    return { class: 'not_sent', cause: isAborted ? 'stopped_before_sending' : 'connect_failed', detail };
  }
  if (isTimedOut) return { class: 'unknown', cause: 'timed_out', detail: null, httpStatus };
  if (isAborted) return { class: 'unknown', cause: 'console_stopped', detail: null, httpStatus };
  // HPE_: the response is not HTTP. Z_ and BROTLI: its compression is broken.
  const isTooLarge = error instanceof Error && error.message.startsWith('maxContentLength');
  if (isTooLarge || /^(HPE_|Z_|ERR_.*BROTLI)/.test(detail ?? '')) {
    return { class: 'unknown', cause: 'answer_unreadable', detail, httpStatus };
  }
  return { class: 'unknown', cause: httpStatus === null ? 'connection_lost' : 'answer_cut', detail, httpStatus };
}

/** Axios wraps errors. The innermost error has the code. */
function getRootCause(error: unknown): unknown {
  let current = error;
  while (current instanceof Error && current.cause instanceof Error) current = current.cause;
  return current;
}
