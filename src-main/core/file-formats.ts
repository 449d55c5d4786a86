/** The texts of exported files: JSON Lines, and CSV (RFC 4180) that no spreadsheet runs as a formula, in any locale. */
import { stringify } from 'csv-stringify/sync';

/** A time for names of files, e.g. `20261120T140200-123Z`; names sort by time. */
export function formatFileTime(time = new Date()): string {
  return time.toISOString().replace(/[-:]/g, '').replace('.', '-');
}

export type CsvValue = string | number | null;

/**
 * A spreadsheet starts a new cell after a separator of its locale or a line end, also inside quotation marks of another
 * separator: `x;=1+1` in a locale with semicolons. Full-width signs are formulas too.
 */
const cellStart = String.raw`(^|[,;|\t\r\n])([ "]*)`;
const formulaSign = String.raw`(?=[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])`;
const unescapedFormula = new RegExp(`${cellStart}('*)${formulaSign}`, 'g');
const escapedFormula = new RegExp(`${cellStart}'('*)${formulaSign}`, 'g');

/** Puts an apostrophe before each formula sign at which a spreadsheet could start a cell. */
export function escapeFormulas(text: string): string {
  return text.replace(unescapedFormula, "$1$2'$3");
}

/** The text before `escapeFormulas`. */
export function unescapeFormulas(text: string): string {
  return text.replace(escapedFormula, '$1$2$3');
}

/** Rows with a line end each. Every text is in quotation marks. */
export function formatCsv(rows: readonly (readonly CsvValue[])[]): string {
  if (rows.length === 0) return '';
  const safeRows = rows.map((row) => row.map((value) => (typeof value === 'string' ? escapeFormulas(value) : value)));
  return stringify(safeRows, { quoted_string: true, record_delimiter: 'windows' });
}

export function formatJsonLines(rows: readonly object[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}
