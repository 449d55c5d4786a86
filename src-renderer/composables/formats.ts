/** Numbers, times and money in the notation of the operator's language. */
import { useI18n } from 'vue-i18n';

const unitDurations = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;

/** The largest unit that the span reaches, and the number of whole units in it: 7,500 s is 2 hours. */
export function toLargestUnit(milliseconds: number): { unit: (typeof unitDurations)[number][0]; count: number } {
  const span = Math.abs(milliseconds);
  const [unit, unitMs] = unitDurations.find(([, durationMs]) => span >= durationMs) ?? ['second', 1_000];
  return { unit, count: Math.floor(span / unitMs) };
}

const numberFormats = new Map<string, Intl.NumberFormat>();
const timeFormats = new Map<string, Intl.DateTimeFormat>();

// Creating a format takes 0.1 ms, and one screen of rows needs hundreds: formats are cached.
function numberFormat(locale: string, options: Intl.NumberFormatOptions = {}): Intl.NumberFormat {
  const key = locale + JSON.stringify(options);
  const format = numberFormats.get(key) ?? new Intl.NumberFormat(locale, options);
  numberFormats.set(key, format);
  return format;
}

const timeFormatOptions = {
  clock: { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  dayClock: { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  clockSeconds: { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' },
  dayClockSeconds: {
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  },
  day: { dateStyle: 'medium' },
  utcDay: { dateStyle: 'medium', timeZone: 'UTC' },
  full: {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
  },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>;

function timeFormat(locale: string, shape: keyof typeof timeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale} ${shape}`;
  const format = timeFormats.get(key) ?? new Intl.DateTimeFormat(locale, timeFormatOptions[shape]);
  timeFormats.set(key, format);
  return format;
}

/** Time of day for an instant of today; with day and month for any other. */
export function formatShortDateTime(locale: string, instant: string, now: number, withSeconds = false): string {
  const date = new Date(instant);
  const isToday = date.toDateString() === new Date(now).toDateString();
  const shape = isToday ? 'clock' : 'dayClock';
  return timeFormat(locale, withSeconds ? `${shape}Seconds` : shape).format(date);
}

/** Short name of a time zone in a year, with standard and daylight saving time: `EST/EDT`, `GMT+7`. */
export function formatTimeZone(locale: string, year: number, timeZone?: string): string {
  const format = new Intl.DateTimeFormat(locale, { timeZone, timeZoneName: 'short' });
  const names = [Date.UTC(year, 0), Date.UTC(year, 6)].map(
    (instant) => format.formatToParts(instant).find(({ type }) => type === 'timeZoneName')?.value,
  );
  return [...new Set(names)].join('/');
}

// Written without minor units in practice, although ISO 4217 gives them two.
const zeroDecimalCurrencies: ReadonlySet<string> = new Set(['IDR']);

const moneyFormats = new Map<string, Intl.NumberFormat>();

/** Shows at least `minDigits` digits after the decimal point. Throws RangeError if the currency is not a valid code. */
function moneyFormat(locale: string, currency: string | null, minDigits: number): Intl.NumberFormat {
  const key = `${locale} ${currency ?? ''} ${minDigits}`;
  const cached = moneyFormats.get(key);
  if (cached) return cached;
  const style = currency === null ? {} : ({ style: 'currency', currency, currencyDisplay: 'code' } as const);
  const defaultDigits =
    currency === null || zeroDecimalCurrencies.has(currency)
      ? 0
      : (new Intl.NumberFormat(locale, style).resolvedOptions().maximumFractionDigits ?? 0);
  const digits = Math.min(Math.max(minDigits, defaultDigits), 100);
  const format = new Intl.NumberFormat(locale, {
    ...style,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  moneyFormats.set(key, format);
  return format;
}

/**
 * Formats a decimal text without conversion to a float, so that every digit stays. Adds zeros up to the currency's
 * minor digits. Returns a text that is not a number unchanged, after the currency.
 */
export function formatAmount(locale: string, amount: string, currency: string | null): string {
  if (!/^-?\d+(\.\d+)?$/.test(amount)) return currency === null ? amount : `${currency} ${amount}`;
  const digits = amount.split('.')[1]?.length ?? 0;
  try {
    // Intl keeps every digit of a string; TypeScript's types accept only string literals.
    return moneyFormat(locale, currency, digits).format(amount as Intl.StringNumericLiteral);
  } catch {
    return `${currency ?? ''} ${amount}`.trim();
  }
}

export function useFormats() {
  const { t, locale } = useI18n();
  const number = (value: number): string => numberFormat(locale.value).format(value);
  return {
    number,
    /** The text of `key` in the plural form for `count`. */
    countText: (key: string, count: number, params: Readonly<Record<string, string>> = {}): string =>
      t(key, { count: number(count), ...params }, count),
    amount: (amount: string, currency: string | null): string => formatAmount(locale.value, amount, currency),
    /** `20 Nov 2026, 14:02:05 GMT+7`: for tooltips and for records, which must be exact. */
    fullDateTime: (instant: string): string => timeFormat(locale.value, 'full').format(new Date(instant)),
    day: (instant: string): string => timeFormat(locale.value, 'day').format(new Date(instant)),
    /** `day` is a UTC day such as `2026-11-20`, as the audit log counts days. */
    utcDay: (day: string): string => timeFormat(locale.value, 'utcDay').format(new Date(`${day}T00:00:00Z`)),
    /** `14:02` for an instant of today, else `20 Nov, 14:02`. */
    shortDateTime: (instant: string, now: number): string => formatShortDateTime(locale.value, instant, now),
    /** `14:02:05` for an instant of today, else `20 Nov, 14:02:05`. */
    shortDateTimeWithSeconds: (instant: string, now: number): string =>
      formatShortDateTime(locale.value, instant, now, true),
    /** Time zone of this computer: `EST/EDT`, `GMT+7`. */
    timeZone: (year: number): string => formatTimeZone(locale.value, year),
    /** `2h`, in French `2 h`: a span of milliseconds in its largest unit. */
    duration(milliseconds: number): string {
      const { unit, count } = toLargestUnit(milliseconds);
      return numberFormat(locale.value, {
        style: 'unit',
        unit,
        unitDisplay: locale.value === 'en' ? 'narrow' : 'short',
      }).format(count);
    },
    /** `2 hours ago`, `in 12 minutes`. */
    relativeTime(instant: string, now: number): string {
      const difference = Date.parse(instant) - now;
      const { unit, count } = toLargestUnit(difference);
      return new Intl.RelativeTimeFormat(locale.value, { numeric: 'always' }).format(
        difference < 0 ? -count : count,
        unit,
      );
    },
    /** `9:58`, or `1:04:09` for an hour and more. */
    countdown(milliseconds: number): string {
      const seconds = Math.max(0, Math.floor(milliseconds / 1_000));
      const padded = (value: number): string => String(value).padStart(2, '0');
      const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60];
      const rest = padded(seconds % 60);
      return hours > 0 ? `${hours}:${padded(minutes)}:${rest}` : `${minutes}:${rest}`;
    },
  };
}
