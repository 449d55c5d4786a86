/** The columns of the session list: widths, sort orders, and which columns are hidden first in a narrow window. */
import type { SessionSort } from '../contract.ts';

interface Column {
  /** px; the minimum width if the column grows. */
  readonly width: number;
  readonly grow: number;
  /** In a narrow window the columns with the highest number are hidden first. */
  readonly priority: number;
  readonly sortBy?: SessionSort['by'];
  /** The first click on the header sorts descending. */
  readonly isDescendingFirst?: boolean;
  /** The column shows a time span to now: the later the instant, the smaller the shown value. */
  readonly isInverse?: boolean;
  readonly isEndAligned?: boolean;
}

export const columns = {
  status: { width: 146, grow: 0, priority: 1, sortBy: 'status' },
  reference: { width: 110, grow: 1.3, priority: 2, sortBy: 'reference' },
  id: { width: 126, grow: 0, priority: 7 },
  amount: { width: 116, grow: 0, priority: 3, sortBy: 'amount', isDescendingFirst: true, isEndAligned: true },
  connection: { width: 142, grow: 0.8, priority: 5 },
  age: {
    width: 60,
    grow: 0,
    priority: 4,
    sortBy: 'created',
    isDescendingFirst: true,
    isInverse: true,
    isEndAligned: true,
  },
  expires: { width: 74, grow: 0, priority: 6, sortBy: 'expires', isEndAligned: true },
  checked: { width: 84, grow: 0, priority: 8, sortBy: 'checked', isInverse: true, isEndAligned: true },
  product: { width: 124, grow: 0, priority: 9 },
  source: { width: 90, grow: 0, priority: 11 },
  note: { width: 130, grow: 1, priority: 10 },
} as const satisfies Record<string, Column>;

export type ColumnName = keyof typeof columns;
export const columnNames = Object.keys(columns) as ColumnName[];
export const defaultColumns: readonly ColumnName[] = [
  'status',
  'reference',
  'id',
  'amount',
  'connection',
  'age',
  'expires',
  'checked',
];

export const minColumnWidth = 44;
export const maxColumnWidth = 640;

export function getColumn(name: ColumnName): Column {
  return columns[name];
}

/**
 * The known columns among names from a saved view or a preference, which may come from another version. Default if
 * none.
 */
export function sanitizeColumns(names: readonly string[]): readonly ColumnName[] {
  const known = columnNames.filter((name) => names.includes(name)).sort((a, b) => names.indexOf(a) - names.indexOf(b));
  return known.length > 0 ? known : defaultColumns;
}

const columnGap = 12;
const checkboxWidth = 20;

/** The columns that fit into `availableWidth` px beside the row's checkbox, and their `grid-template-columns`. */
export function fitColumns(
  selected: readonly ColumnName[],
  widths: Readonly<Partial<Record<ColumnName, number>>>,
  availableWidth: number,
): { shown: readonly ColumnName[]; template: string } {
  const getWidth = (name: ColumnName): number => widths[name] ?? columns[name].width;
  let shown = [...selected];
  const requiredWidth = (): number => checkboxWidth + shown.reduce((sum, name) => sum + columnGap + getWidth(name), 0);
  while (shown.length > 1 && requiredWidth() > availableWidth) {
    const leastImportant = shown.reduce((a, b) => (columns[a].priority > columns[b].priority ? a : b));
    shown = shown.filter((name) => name !== leastImportant);
  }
  const hasGrowingColumn = shown.some((name) => columns[name].grow > 0 && widths[name] === undefined);
  const tracks = shown.map((name, index) => {
    const grow = widths[name] === undefined ? columns[name].grow : 0;
    if (!hasGrowingColumn && index === shown.length - 1) return `minmax(${getWidth(name)}px, 1fr)`;
    return grow > 0 ? `minmax(${getWidth(name)}px, ${grow}fr)` : `${getWidth(name)}px`;
  });
  return { shown, template: [`${checkboxWidth}px`, ...tracks].join(' ') };
}
