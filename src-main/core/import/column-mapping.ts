/** Which column holds what: guessed from names that exports commonly use. */
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
  const byName = new Map<string, string>();
  for (const column of [...columns].reverse()) byName.set(normalizeName(column), column);
  const mapping: ImportMapping = {};
  for (const field of importField.options) {
    const column = fieldAliases[field].map((name) => byName.get(name)).find((found) => found !== undefined);
    if (column !== undefined) mapping[field] = column;
  }
  return mapping;
}

/** What a set of columns is remembered by: the same names in any order. */
export function columnsKey(columns: readonly string[]): string {
  return JSON.stringify([...new Set(columns.map(normalizeName))].sort());
}

/** A mapping as far as these columns have what it names. */
export function restrictMapping(mapping: ImportMapping, columns: readonly string[]): ImportMapping {
  return Object.fromEntries(Object.entries(mapping).filter(([, column]) => columns.includes(column)));
}

function normalizeName(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}
