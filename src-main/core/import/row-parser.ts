/** From a row of a file to a session, or to what is wrong with it. */
import {
  productsOf,
  sessionStatus,
  type ImportedRow,
  type ImportField,
  type ImportMapping,
  type ImportProblem,
  type ImportReading,
  type Product,
  type ProviderName,
} from '../../contract/index.ts';
import { stateOf } from '../providers/index.ts';
import { readAmount, readCurrency, readId, readInstant, readText, type Cell } from './field-parsers.ts';
import type { Item } from './record-reader.ts';

export interface RowRules {
  readonly provider: ProviderName;
  /** For lines that name none. */
  readonly product: Product;
  readonly columns: readonly string[];
  readonly mapping: ImportMapping;
  readonly reading: ImportReading;
  /** A sentence about an id that does not look like this provider's, or null. */
  idWarning(id: string): string | null;
  now(): number;
}

export interface ReadRow {
  /** null where a problem refuses the line. */
  readonly row: ImportedRow | null;
  readonly problems: readonly ImportProblem[];
}

const unknownStatus =
  'This status is not one the console knows: the session is taken as unknown until it is read at the provider.';

type Line = Extract<Item, { kind: 'row' | 'object' }>;

/** Made once a file: finds each field's place so that a million lines do not look for it. */
export function rowReader(rules: RowRules): (line: Line) => ReadRow {
  const { mapping, columns, reading } = rules;
  const places = Object.fromEntries(
    Object.entries(mapping).map(([field, name]) => [
      field,
      { name, index: columns.indexOf(name), path: name.split('.') },
    ]),
  );

  return (line) => {
    const problems: ImportProblem[] = [];
    const report = (field: ImportField, kind: ImportProblem['kind'], message: string, suggestion?: string) => {
      const place = places[field];
      problems.push({
        line: line.line,
        column: line.kind === 'row' && place ? place.index + 1 : line.column,
        name: place?.name ?? null,
        message,
        suggestion: suggestion ?? null,
        kind,
      });
    };
    const textOf = (field: ImportField): string => {
      const place = places[field];
      if (!place) return '';
      return line.kind === 'row'
        ? (line.cells[place.index] ?? '')
        : plainText(valueAt(line.fields, place.name, place.path));
    };
    const take = <Value>(field: ImportField, cell: Cell<Value>): Value | null => {
      if (cell.ok) return cell.value;
      report(field, 'refused', cell.message, cell.suggestion);
      return null;
    };

    if (
      line.kind === 'row' &&
      line.cells.length > columns.length &&
      line.cells.slice(columns.length).some((cell) => cell.trim() !== '')
    ) {
      return {
        row: null,
        problems: [
          {
            line: line.line,
            column: columns.length + 1,
            name: null,
            suggestion: null,
            kind: 'refused',
            message:
              `This line has ${line.cells.length} cells and the header has ${columns.length}. ` +
              'Put a value that holds the separator in quotation marks.',
          },
        ],
      };
    }
    const id = takeId(
      textOf('id'),
      reading,
      (cell) => take('id', cell),
      (message) => report('id', 'warning', message),
    );
    const warning = id === null ? null : rules.idWarning(id);
    if (warning !== null) report('id', 'warning', warning);
    const status = textOf('status').trim() || null;
    const detail = take('statusDetail', readText(textOf('statusDetail'), 'The status detail'));
    const state = statusFrom(rules.provider, status, detail);
    if (status !== null && state === 'unknown') report('status', 'warning', unknownStatus);
    const time = (field: ImportField, past: boolean) =>
      take(field, readInstant(textOf(field), reading.zonelessTimes, past, rules.now()));
    const row: ImportedRow = {
      line: line.line,
      id: id ?? '',
      product: take('product', readProduct(textOf('product'), rules)) ?? rules.product,
      reference: take('reference', readText(textOf('reference'), 'The reference')),
      amount: take('amount', readAmount(textOf('amount'), reading.amounts)),
      currency: take('currency', readCurrency(textOf('currency'))),
      status: status === null && detail === null ? null : state,
      rawStatus: take('status', readText(status ?? '', 'The status')),
      rawDetail: detail,
      subAccount: take('subAccount', readText(textOf('subAccount'), 'The sub-account')),
      createdAt: time('createdAt', true),
      expiresAt: time('expiresAt', false),
      updatedAt: time('updatedAt', true),
    };
    return { row: problems.some(({ kind }) => kind === 'refused') ? null : row, problems };
  };
}

function takeId(
  text: string,
  reading: ImportReading,
  take: (cell: Cell<string>) => string | null,
  warn: (message: string) => void,
): string | null {
  const cell = readId(text);
  if (cell.ok || cell.suggestion === undefined || !reading.acceptSuggestedIds) return take(cell);
  warn('The id was taken out of what stands here, as you asked.');
  return cell.suggestion;
}

/** The provider's own words first, with the code beside them; then the console's. */
export function statusFrom(provider: ProviderName, status: string | null, detail: string | null) {
  const told = stateOf(provider, status, detail).status;
  if (told !== 'unknown' || detail !== null || status === null) return told;
  const word = status
    .toLowerCase()
    .replace(/[\s-]/g, '_')
    .replace(/^canceled$/, 'cancelled');
  return sessionStatus.safeParse(word).data ?? 'unknown';
}

function readProduct(text: string, { provider, product }: RowRules): Cell<Product> {
  const word = text
    .trim()
    .toLowerCase()
    .replace(/[\s-]/g, '_')
    .replace(/^etransfer$/, 'e_transfer');
  if (word === '') return { ok: true, value: product };
  const found = productsOf[provider].find((one) => one === word);
  if (found) return { ok: true, value: found };
  return {
    ok: false,
    message: `This is no product of this connection. Its products are: ${productsOf[provider].join(', ')}.`,
  };
}

function valueAt(fields: Readonly<Record<string, unknown>>, name: string, path: readonly string[]): unknown {
  if (Object.hasOwn(fields, name)) return fields[name];
  let value: unknown = fields;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

function plainText(value: unknown): string {
  return typeof value === 'string'
    ? value
    : typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : '';
}
