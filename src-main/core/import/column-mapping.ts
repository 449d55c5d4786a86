/** Mappings from import fields to columns, guessed from names that exports commonly use. */
import { importField, type ImportField, type ImportMapping } from '../../contract/index.ts';

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

/** The entries of a mapping whose column is one of `columns`. */
export function restrictMapping(mapping: ImportMapping, columns: readonly string[]): ImportMapping {
  return Object.fromEntries(Object.entries(mapping).filter(([, column]) => columns.includes(column)));
}

function normalizeName(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}
