/** From a row of a file to a session, or to what is wrong with it. */
import {
  productsByProvider,
  sessionStatus,
  type ImportedRow,
  type ImportField,
  type ImportMapping,
  type ImportProblem,
  type ImportParseOptions,
  type Product,
  type ProviderName,
  createMessage,
} from '../../contract/index.ts';
import { mapProviderStatus } from '../providers/index.ts';
import { parseAmount, parseCurrency, parseId, parseInstant, parseText, type ParseResult } from './field-parsers.ts';
import type { ParsedRecord } from './record-reader.ts';

export interface RowParserOptions {
  readonly provider: ProviderName;
  /** For lines that name none. */
  readonly product: Product;
  readonly columns: readonly string[];
  readonly mapping: ImportMapping;
  readonly parseOptions: ImportParseOptions;
  /** A sentence about an id that does not look like this provider's, or null. */
  getIdWarning(id: string): string | null;
  now(): number;
}

export interface ParsedRow {
  /** null where a problem refuses the line. */
  readonly row: ImportedRow | null;
  readonly problems: readonly ImportProblem[];
}

const unknownStatusMessage =
  'This status is not one the console knows: the session is taken as unknown until it is read at the provider.';

type DataRecord = Extract<ParsedRecord, { kind: 'row' | 'object' }>;

/** Made once a file: finds each field's place so that a million lines do not look for it. */
export function createRowParser(options: RowParserOptions): (line: DataRecord) => ParsedRow {
  const { mapping, columns, parseOptions } = options;
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
        ...createMessage('app.verbatim', { text: message }),
        suggestion: suggestion ?? null,
        kind,
      });
    };
    const textOf = (field: ImportField): string => {
      const place = places[field];
      if (!place) return '';
      return line.kind === 'row'
        ? (line.cells[place.index] ?? '')
        : toPlainText(getValueAtPath(line.fields, place.name, place.path));
    };
    const take = <Value>(field: ImportField, cell: ParseResult<Value>): Value | null => {
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
            ...createMessage('app.verbatim', {
              text:
                `This line has ${line.cells.length} cells and the header has ${columns.length}. ` +
                'Put a value that holds the separator in quotation marks.',
            }),
          },
        ],
      };
    }
    const id = resolveId(
      textOf('id'),
      parseOptions,
      (cell) => take('id', cell),
      (message) => report('id', 'warning', message),
    );
    const warning = id === null ? null : options.getIdWarning(id);
    if (warning !== null) report('id', 'warning', warning);
    const status = textOf('status').trim() || null;
    const detail = take('statusDetail', parseText(textOf('statusDetail'), 'The status detail'));
    const state = parseStatus(options.provider, status, detail);
    if (status !== null && state === 'unknown') report('status', 'warning', unknownStatusMessage);
    const time = (field: ImportField, past: boolean) =>
      take(field, parseInstant(textOf(field), parseOptions.zonelessTimes, past, options.now()));
    const row: ImportedRow = {
      line: line.line,
      id: id ?? '',
      product: take('product', parseProduct(textOf('product'), options)) ?? options.product,
      reference: take('reference', parseText(textOf('reference'), 'The reference')),
      amount: take('amount', parseAmount(textOf('amount'), parseOptions.amounts)),
      currency: take('currency', parseCurrency(textOf('currency'))),
      status: status === null && detail === null ? null : state,
      rawStatus: take('status', parseText(status ?? '', 'The status')),
      rawDetail: detail,
      subAccount: take('subAccount', parseText(textOf('subAccount'), 'The sub-account')),
      createdAt: time('createdAt', true),
      expiresAt: time('expiresAt', false),
      updatedAt: time('updatedAt', true),
    };
    return { row: problems.some(({ kind }) => kind === 'refused') ? null : row, problems };
  };
}

function resolveId(
  text: string,
  parseOptions: ImportParseOptions,
  take: (cell: ParseResult<string>) => string | null,
  warn: (message: string) => void,
): string | null {
  const cell = parseId(text);
  if (cell.ok || cell.suggestion === undefined || !parseOptions.acceptSuggestedIds) return take(cell);
  warn('The id was taken out of what stands here, as you asked.');
  return cell.suggestion;
}

/** The provider's own words first, with the code beside them; then the console's. */
export function parseStatus(provider: ProviderName, status: string | null, detail: string | null) {
  const told = mapProviderStatus(provider, status, detail).status;
  if (told !== 'unknown' || detail !== null || status === null) return told;
  const word = status
    .toLowerCase()
    .replace(/[\s-]/g, '_')
    .replace(/^canceled$/, 'cancelled');
  return sessionStatus.safeParse(word).data ?? 'unknown';
}

function parseProduct(text: string, { provider, product }: RowParserOptions): ParseResult<Product> {
  const word = text
    .trim()
    .toLowerCase()
    .replace(/[\s-]/g, '_')
    .replace(/^etransfer$/, 'e_transfer');
  if (word === '') return { ok: true, value: product };
  const found = productsByProvider[provider].find((one) => one === word);
  if (found) return { ok: true, value: found };
  return {
    ok: false,
    ...createMessage('app.verbatim', {
      text: `This is no product of this connection. Its products are: ${productsByProvider[provider].join(', ')}.`,
    }),
  };
}

function getValueAtPath(fields: Readonly<Record<string, unknown>>, name: string, path: readonly string[]): unknown {
  if (Object.hasOwn(fields, name)) return fields[name];
  let value: unknown = fields;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

function toPlainText(value: unknown): string {
  return typeof value === 'string'
    ? value
    : typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : '';
}
