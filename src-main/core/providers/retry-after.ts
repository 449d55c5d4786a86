/** Parses rate limit headers (providers.md 2.5). Header names are in lower case. */

type Headers = Readonly<Record<string, string>>;

const defaultRetryAfterMs = 5_000;
/** Longer waits are treated as errors: no provider publishes a window over an hour. */
const maxRetryAfterMs = 3_600_000;

/** The wait: `Rate-Limit-Reset` (seconds with fraction), then `Retry-After` (seconds or a date), then 5 s. */
export function parseRetryAfterMs(headers: Headers): number {
  const { 'rate-limit-reset': reset, 'retry-after': retryAfter } = headers;
  const waitMs = parseSecondsAsMs(reset) ?? parseSecondsAsMs(retryAfter) ?? parseHttpDateAsMs(retryAfter);
  return Math.min(waitMs ?? defaultRetryAfterMs, maxRetryAfterMs);
}

/** Whether the headers contain a wait. If not, `parseRetryAfterMs` returns the default. */
export function hasRetryAfter({ 'rate-limit-reset': reset, 'retry-after': retryAfter }: Headers): boolean {
  return [parseSecondsAsMs(reset), parseSecondsAsMs(retryAfter), parseHttpDateAsMs(retryAfter)].some(
    (waitMs) => waitMs !== null,
  );
}

/** The remaining requests of the window and the time until the next window, or null if a header is missing. */
export function parseRateLimit(headers: Headers): { remaining: number; resetMs: number } | null {
  const text = headers['rate-limit-remaining']?.trim() ?? '';
  const remaining = /^\d{1,9}$/.test(text) ? Number(text) : null;
  const resetMs = parseSecondsAsMs(headers['rate-limit-reset']);
  return remaining === null || resetMs === null ? null : { remaining, resetMs };
}

function parseSecondsAsMs(value: string | undefined): number | null {
  return value !== undefined && /^\d{1,9}(\.\d{1,9})?$/.test(value.trim()) ? Math.ceil(Number(value) * 1_000) : null;
}

function parseHttpDateAsMs(value: string | undefined): number | null {
  // Only the date format of HTTP, because Date.parse accepts almost any text.
  if (value === undefined || !/^[A-Za-z]{3}, .+ GMT$/.test(value.trim())) return null;
  const time = Date.parse(value);
  return Number.isNaN(time) ? null : Math.max(0, time - Date.now());
}
