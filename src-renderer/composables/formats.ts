/** Numbers, times and money as the locale writes them. */
import { useI18n } from 'vue-i18n';

const unitDurations = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;

/** The largest unit that fits, and how many of it, rounded down: 7,500 s is 2 hours. */
export function toLargestUnit(milliseconds: number): { unit: (typeof unitDurations)[number][0]; count: number } {
  const size = Math.abs(milliseconds);
  const [unit, length] = unitDurations.find(([, length]) => size >= length) ?? ['second', 1_000];
  return { unit, count: Math.floor(size / length) };
}

const numberFormats = new Map<string, Intl.NumberFormat>();
const timeFormats = new Map<string, Intl.DateTimeFormat>();

// A format costs a tenth of a millisecond to make, and a screen of rows asks for hundreds of them.
function numberFormat(locale: string, options: Intl.NumberFormatOptions = {}): Intl.NumberFormat {
  const key = locale + JSON.stringify(options);
  const format = numberFormats.get(key) ?? new Intl.NumberFormat(locale, options);
  numberFormats.set(key, format);
  return format;
}

const timeFormatOptions = {
  clock: { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  dayClock: { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
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

// Written without minor units in practice, whatever ISO 4217 says.
const zeroDecimalCurrencies: ReadonlySet<string> = new Set(['IDR']);

const moneyFormats = new Map<string, Intl.NumberFormat>();

/** With at least so many digits after the point. Throws RangeError where the currency is no code. */
function moneyFormat(locale: string, currency: string | null, digits: number): Intl.NumberFormat {
  const key = `${locale} ${currency ?? ''} ${digits}`;
  const known = moneyFormats.get(key);
  if (known) return known;
  const style = currency === null ? {} : ({ style: 'currency', currency, currencyDisplay: 'code' } as const);
  const usual =
    currency === null || zeroDecimalCurrencies.has(currency)
      ? 0
      : (new Intl.NumberFormat(locale, style).resolvedOptions().maximumFractionDigits ?? 0);
  const fraction = Math.min(Math.max(digits, usual), 100);
  const made = new Intl.NumberFormat(locale, {
    ...style,
    minimumFractionDigits: fraction,
    maximumFractionDigits: fraction,
  });
  moneyFormats.set(key, made);
  return made;
}

/**
 * Money from its decimal text, digit for digit: never through a float, never rounded.
 * Missing minor digits are filled up where the currency has them; a text that is no number is shown as it came.
 */
export function formatAmount(locale: string, amount: string, currency: string | null): string {
  if (!/^-?\d+(\.\d+)?$/.test(amount)) return currency === null ? amount : `${currency} ${amount}`;
  const digits = amount.split('.')[1]?.length ?? 0;
  try {
    // A string keeps every digit; TypeScript's library knows that only for literals.
    return moneyFormat(locale, currency, digits).format(amount as Intl.StringNumericLiteral);
  } catch {
    return `${currency ?? ''} ${amount}`.trim();
  }
}

export function useFormats() {
  const { locale } = useI18n();
  return {
    number: (value: number): string => numberFormat(locale.value).format(value),
    amount: (amount: string, currency: string | null): string => formatAmount(locale.value, amount, currency),
    /** `20 Nov 2026, 14:02:05 GMT+7`: for a hover, and wherever a record must be exact. */
    fullDateTime: (instant: string): string => timeFormat(locale.value, 'full').format(new Date(instant)),
    day: (instant: string): string => timeFormat(locale.value, 'day').format(new Date(instant)),
    /** Of a day as the audit log counts them, e.g. `2026-11-20`. */
    utcDay: (day: string): string => timeFormat(locale.value, 'utcDay').format(new Date(`${day}T00:00:00Z`)),
    /** The time alone for today, with the day before that. */
    shortDateTime(instant: string, now: number): string {
      const date = new Date(instant);
      const sameDay = date.toDateString() === new Date(now).toDateString();
      return timeFormat(locale.value, sameDay ? 'clock' : 'dayClock').format(date);
    },
    /** `2h`, in French `2 h`: the length of a span of milliseconds in its largest unit. */
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
    /** `9:58`, or `1:04:09` from an hour on. */
    countdown(milliseconds: number): string {
      const seconds = Math.max(0, Math.floor(milliseconds / 1_000));
      const two = (value: number): string => String(value).padStart(2, '0');
      const [hours, minutes, rest] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
      return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
    },
  };
}
