/** Maps the columns of a file to fields, and parses a row to a session or to its problems. */
import {
  createMessage,
  importField,
  productsByProvider,
  sessionStatus,
  type Connection,
  type ImportedRow,
  type ImportField,
  type ImportMapping,
  type ImportProblem,
  type ImportParseOptions,
  type ImportPreview,
  type Message,
  type Product,
  type ProviderName,
} from '../../contract/index.ts';
import { mapProviderStatus, type Providers } from '../providers/index.ts';
import type { Store } from '../store/index.ts';
import { parseAmount, parseCurrency, parseId, parseInstant, parseText, type ParseResult } from './field-parsers.ts';
import type { DataRecord } from './record-reader.ts';

/** The options for reading rows from any source. */
export interface ReadingOptions {
  readonly provider: ProviderName;
  /** For lines without a product. */
  readonly product: Product;
  readonly parseOptions: ImportParseOptions;
  /** The format of the provider's session IDs if `id` does not have it; else null. */
  getIdWarning(id: string): Message | null;
  now(): number;
  /** The mapping of the last import with these columns; null if none is stored. */
  findRememberedMapping(columnsKey: string): Promise<ImportMapping | null>;
}

export interface RowParserOptions extends Omit<ReadingOptions, 'findRememberedMapping'> {
  readonly columns: readonly string[];
  readonly mapping: ImportMapping;
}

/** The options of a connection's imports and feeds. */
export function createReadingOptions(
  { store, providers }: { readonly store: Store; readonly providers: Providers },
  { options: { provider } }: Connection,
  product: Product,
  parseOptions: ImportParseOptions,
): ReadingOptions {
  return {
    provider,
    product,
    parseOptions,
    now: Date.now,
    getIdWarning: (id) => providers[provider].getIdWarning(id),
    findRememberedMapping: (columns) => store.run('importMapping', columns),
  };
}

export interface ParsedRow {
  /** null if the line is rejected. */
  readonly row: ImportedRow | null;
  readonly problems: readonly ImportProblem[];
}

/** Created once, because every line uses them. */
const fieldNames = {
  reference: createMessage('import.fieldReference'),
  status: createMessage('import.fieldStatus'),
  statusDetail: createMessage('import.fieldStatusDetail'),
  subAccount: createMessage('import.fieldSubAccount'),
} satisfies Partial<Record<ImportField, Message>>;

/** Call it once per file: it looks up the column of each field once for all lines. */
export function createRowParser(options: RowParserOptions): (record: DataRecord) => ParsedRow {
  const { mapping, columns, parseOptions } = options;
  const columnsByField = Object.fromEntries(
    Object.entries(mapping).map(([field, name]) => [
      field,
      { name, index: columns.indexOf(name), path: name.split('.') },
    ]),
  );

  return (record) => {
    const problems: ImportProblem[] = [];
    const addProblem = (field: ImportField, kind: ImportProblem['kind'], reason: Message, suggestion?: string) => {
      const column = columnsByField[field];
      problems.push({
        line: record.line,
        column: record.kind === 'row' && column ? column.index + 1 : record.column,
        name: column?.name ?? null,
        ...reason,
        suggestion: suggestion ?? null,
        kind,
      });
    };
    const textOf = (field: ImportField): string => {
      const column = columnsByField[field];
      if (!column) return '';
      return record.kind === 'row'
        ? (record.cells[column.index] ?? '')
        : toPlainText(getValueAtPath(record.fields, column.name, column.path));
    };
    const valueOrProblem = <Value>(field: ImportField, result: ParseResult<Value>): Value | null => {
      if (result.ok) return result.value;
      addProblem(field, 'refused', result.reason, result.suggestion);
      return null;
    };
    const textField = (field: keyof typeof fieldNames) =>
      valueOrProblem(field, parseText(textOf(field), fieldNames[field]));
    const instantField = (field: ImportField, mustBePast: boolean) =>
      valueOrProblem(field, parseInstant(textOf(field), parseOptions.zonelessTimes, mustBePast, options.now()));

    if (
      record.kind === 'row' &&
      record.cells.length > columns.length &&
      record.cells.slice(columns.length).some((cell) => cell.trim() !== '')
    ) {
      return {
        row: null,
        problems: [
          {
            line: record.line,
            column: columns.length + 1,
            name: null,
            suggestion: null,
            kind: 'refused',
            ...createMessage('import.tooManyValues', { values: record.cells.length, columns: columns.length }),
          },
        ],
      };
    }
    const id = resolveId(
      textOf('id'),
      parseOptions,
      (result) => valueOrProblem('id', result),
      (reason) => addProblem('id', 'warning', reason),
    );
    const idWarning = id === null ? null : options.getIdWarning(id);
    if (idWarning !== null) addProblem('id', 'warning', createMessage('import.idUnusual', { warning: idWarning }));
    const rawStatus = textOf('status').trim() || null;
    const rawDetail = textField('statusDetail');
    const status = parseStatus(options.provider, rawStatus, rawDetail);
    if (rawStatus !== null && status === 'unknown')
      addProblem('status', 'warning', createMessage('import.statusUnknown'));
    const row: ImportedRow = {
      line: record.line,
      id: id ?? '',
      product: valueOrProblem('product', parseProduct(textOf('product'), options)) ?? options.product,
      reference: textField('reference'),
      amount: valueOrProblem('amount', parseAmount(textOf('amount'), parseOptions.amounts)),
      currency: valueOrProblem('currency', parseCurrency(textOf('currency'))),
      status: rawStatus === null && rawDetail === null ? null : status,
      rawStatus: textField('status'),
      rawDetail,
      subAccount: textField('subAccount'),
      createdAt: instantField('createdAt', true),
      expiresAt: instantField('expiresAt', false),
      updatedAt: instantField('updatedAt', true),
    };
    return { row: problems.some(({ kind }) => kind === 'refused') ? null : row, problems };
  };
}

function resolveId(
  text: string,
  parseOptions: ImportParseOptions,
  valueOrProblem: (result: ParseResult<string>) => string | null,
  addWarning: (reason: Message) => void,
): string | null {
  const result = parseId(text);
  if (result.ok || result.suggestion === undefined || !parseOptions.acceptSuggestedIds) return valueOrProblem(result);
  addWarning(createMessage('import.idSuggestionUsed'));
  return result.suggestion;
}

/**
 * The status for the provider's own status and code; if the provider does not have that status and there is no code,
 * the status of Session Desk with that name. `unknown` if there is neither.
 */
export function parseStatus(provider: ProviderName, rawStatus: string | null, rawDetail: string | null) {
  const { status } = mapProviderStatus(provider, rawStatus, rawDetail);
  if (status !== 'unknown' || rawDetail !== null || rawStatus === null) return status;
  const name = rawStatus
    .toLowerCase()
    .replace(/[\s-]/g, '_')
    .replace(/^canceled$/, 'cancelled');
  return sessionStatus.safeParse(name).data ?? 'unknown';
}

function parseProduct(text: string, { provider, product }: RowParserOptions): ParseResult<Product> {
  const name = text
    .trim()
    .toLowerCase()
    .replace(/[\s-]/g, '_')
    .replace(/^etransfer$/, 'e_transfer');
  if (name === '') return { ok: true, value: product };
  const match = productsByProvider[provider].find((candidate) => candidate === name);
  if (match) return { ok: true, value: match };
  const products = productsByProvider[provider].join(', ');
  return { ok: false, reason: createMessage('import.productUnknown', { products }) };
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

/** Names of columns, as exports commonly use them. */
const fieldAliases: Record<ImportField, readonly string[]> = {
  id: ['paymentsessionid', 'sessionid', 'sessionuuid', 'paymentsession', 'session', 'id'],
  reference: [
    'referenceid',
    'reference',
    'merchantreference',
    'ref',
    'orderid',
    'ordernumber',
    'order',
    'invoiceid',
    'invoice',
    'externalid',
  ],
  amount: ['amount', 'total', 'value', 'sum'],
  currency: ['currency', 'currencycode', 'ccy'],
  status: ['status', 'sessionstatus', 'state'],
  statusDetail: ['statusdetails', 'statusdetail', 'statuscode'],
  product: ['product'],
  subAccount: ['foruserid', 'subaccount', 'subaccountid'],
  createdAt: ['createdat', 'created', 'createddate', 'creationdate', 'createdon'],
  expiresAt: ['expiresat', 'expires', 'expiry', 'expirydate', 'expirationdate'],
  updatedAt: ['updatedat', 'updated', 'lastupdated', 'modifiedat', 'lastmodified', 'asof'],
};

/**
 * The provided mapping of `columns`; else the last one of an import with these columns, if it still has the ID; else a
 * guess from their names.
 */
export async function chooseMapping(
  columns: readonly string[],
  { parseOptions: { mapping: provided }, findRememberedMapping }: ReadingOptions,
): Promise<{ mapping: ImportMapping; mappingSource: ImportPreview['mappingSource'] }> {
  if (provided) return { mapping: provided, mappingSource: 'provided' };
  const stored = Object.entries((await findRememberedMapping(columnsKey(columns))) ?? {});
  const remembered: ImportMapping = Object.fromEntries(stored.filter(([, column]) => columns.includes(column)));
  return remembered.id === undefined
    ? { mapping: guessMapping(columns), mappingSource: 'guessed' }
    : { mapping: remembered, mappingSource: 'remembered' };
}

export function guessMapping(columns: readonly string[]): ImportMapping {
  // Reversed, so that the first of several columns with the same name is used.
  const columnsByName = new Map<string, string>();
  for (const column of [...columns].reverse()) columnsByName.set(normalizeName(column), column);
  const mapping: ImportMapping = {};
  for (const field of importField.options) {
    const column = fieldAliases[field].map((name) => columnsByName.get(name)).find((match) => match !== undefined);
    if (column !== undefined) mapping[field] = column;
  }
  return mapping;
}

/** The key under which the mapping of a set of columns is stored: the same for the same names in any order. */
export function columnsKey(columns: readonly string[]): string {
  return JSON.stringify([...new Set(columns.map(normalizeName))].sort());
}

function normalizeName(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}
