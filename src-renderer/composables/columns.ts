/** The columns of the list: what there is, what is shown, how wide, and which give way where there is no room. */
import type { SessionSort } from '../contract.ts';

interface Column {
  /** px; at least, where it grows. */
  readonly width: number;
  readonly grow: number;
  /** What is kept longest where room is short: 1 goes last. */
  readonly rank: number;
  readonly sort?: SessionSort['by'];
  /** The direction that the first click asks for. */
  readonly descending?: boolean;
  /** It shows a span from or to now: the later the instant, the smaller what is read. */
  readonly inverse?: boolean;
  readonly end?: boolean;
}

export const columns = {
  status: { width: 146, grow: 0, rank: 1, sort: 'status' },
  reference: { width: 110, grow: 1.3, rank: 2, sort: 'reference' },
  id: { width: 126, grow: 0, rank: 7 },
  amount: { width: 116, grow: 0, rank: 3, sort: 'amount', descending: true, end: true },
  connection: { width: 142, grow: 0.8, rank: 5 },
  age: { width: 60, grow: 0, rank: 4, sort: 'created', descending: true, inverse: true, end: true },
  expires: { width: 74, grow: 0, rank: 6, sort: 'expires', end: true },
  checked: { width: 84, grow: 0, rank: 8, sort: 'checked', inverse: true, end: true },
  product: { width: 124, grow: 0, rank: 9 },
  source: { width: 90, grow: 0, rank: 11 },
  note: { width: 130, grow: 1, rank: 10 },
} as const satisfies Record<string, Column>;

export type ColumnName = keyof typeof columns;
export const columnNames = Object.keys(columns) as ColumnName[];
export const usualColumns: readonly ColumnName[] = [
  'status',
  'reference',
  'id',
  'amount',
  'connection',
  'age',
  'expires',
  'checked',
];

export const narrowest = 44;
export const widest = 640;

export function columnOf(name: ColumnName): Column {
  return columns[name];
}

/** Names from a saved view or a preference, of this version or another; the usual ones where none is known. */
export function knownColumns(names: readonly string[]): readonly ColumnName[] {
  const known = columnNames
    .filter((name) => names.includes(name))
    .sort((one, other) => names.indexOf(one) - names.indexOf(other));
  return known.length > 0 ? known : usualColumns;
}

const gap = 12;
const boxWidth = 20;

/** The columns that fit into so many px beside the box to choose a row, and the grid's template for them. */
export function fitColumns(
  chosen: readonly ColumnName[],
  widths: Readonly<Partial<Record<ColumnName, number>>>,
  room: number,
): { shown: readonly ColumnName[]; template: string } {
  const widthOf = (name: ColumnName): number => widths[name] ?? columns[name].width;
  let shown = [...chosen];
  const needed = (): number => boxWidth + shown.reduce((sum, name) => sum + gap + widthOf(name), 0);
  while (shown.length > 1 && needed() > room) {
    const last = shown.reduce((one, other) => (columns[one].rank > columns[other].rank ? one : other));
    shown = shown.filter((name) => name !== last);
  }
  const grows = shown.some((name) => columns[name].grow > 0 && widths[name] === undefined);
  const tracks = shown.map((name, index) => {
    const grow = widths[name] === undefined ? columns[name].grow : 0;
    if (!grows && index === shown.length - 1) return `minmax(${widthOf(name)}px, 1fr)`;
    return grow > 0 ? `minmax(${widthOf(name)}px, ${grow}fr)` : `${widthOf(name)}px`;
  });
  return { shown, template: [`${boxWidth}px`, ...tracks].join(' ') };
}
