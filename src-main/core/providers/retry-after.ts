/** How long a provider asks to wait, from its headers (providers.md 2.5). Header names in lower case. */

type Headers = Readonly<Record<string, string>>;

const defaultRetryAfterMs = 5_000;
/** A header that asks for more is a slip or malice; an hour is longer than any published window. */
const maxRetryAfterMs = 3_600_000;

/** `Rate-Limit-Reset` (seconds, fractional), else `Retry-After` (seconds or a date), else five seconds. */
export function parseRetryAfterMs(headers: Headers): number {
  const { 'rate-limit-reset': reset, 'retry-after': after } = headers;
  const waitMs = parseSecondsAsMs(reset) ?? parseSecondsAsMs(after) ?? parseHttpDateAsMs(after);
  return Math.min(waitMs ?? defaultRetryAfterMs, maxRetryAfterMs);
}

/** Whether the provider said how long; else it is a guess. */
export function retryAfterProvided({ 'rate-limit-reset': reset, 'retry-after': after }: Headers): boolean {
  return parseSecondsAsMs(reset) !== null || parseSecondsAsMs(after) !== null || parseHttpDateAsMs(after) !== null;
}

/** What is left of the window and when it begins anew, or null where the provider does not say. */
export function parseRateLimit(headers: Headers): { remaining: number; resetMs: number } | null {
  const left = headers['rate-limit-remaining']?.trim() ?? '';
  const remaining = /^\d{1,9}$/.test(left) ? Number(left) : null;
  const resetMs = parseSecondsAsMs(headers['rate-limit-reset']);
  return remaining === null || resetMs === null ? null : { remaining, resetMs };
}

function parseSecondsAsMs(value: string | undefined): number | null {
  return value !== undefined && /^\d{1,9}(\.\d{1,9})?$/.test(value.trim()) ? Math.ceil(Number(value) * 1_000) : null;
}

function parseHttpDateAsMs(value: string | undefined): number | null {
  // Only the date form of HTTP: Date.parse alone would take almost any text.
  if (value === undefined || !/^[A-Za-z]{3}, .+ GMT$/.test(value.trim())) return null;
  const time = Date.parse(value);
  return Number.isNaN(time) ? null : Math.max(0, time - Date.now());
}
