import {
  environment,
  product,
  providerName,
  sessionSource,
  sessionStatus,
  type Connection,
  type SessionCounts,
  type SessionFilter,
} from '../../contract/index.ts';
import type { SessionCountGroup } from '../store/index.ts';

/** What a cell is, in each of the kinds that a filter can choose from. */
type Facet = 'statuses' | 'providers' | 'products' | 'connectionIds' | 'environments' | 'sources';
const facets: readonly Facet[] = ['statuses', 'providers', 'products', 'connectionIds', 'environments', 'sources'];

/** Whether a search or a range has to be counted: the rest of a filter is a matter of kinds. */
export function hasSearchOrRange({
  search,
  createdFrom,
  createdBefore,
  amount,
  checkedBefore,
  neverChecked,
}: SessionFilter): boolean {
  return (
    search !== '' || neverChecked || [createdFrom, createdBefore, amount, checkedBefore].some((part) => part !== null)
  );
}

/**
 * Adds cells up: in all, and beside each choice of one kind under the choices made in every other kind.
 * The cells are of what the filter's search and ranges leave.
 */
export function aggregateCounts(
  filter: SessionFilter,
  cells: readonly SessionCountGroup[],
  connections: readonly Connection[],
  currencies: string[],
): SessionCounts {
  const byId = new Map(connections.map((connection) => [connection.id, connection]));
  const counted = new Map<Facet, Map<string, number>>(facets.map((kind) => [kind, new Map()]));
  let total = 0;
  for (const cell of cells) {
    const connection = byId.get(cell.connectionId);
    const is: Record<Facet, string> = {
      statuses: cell.status,
      products: cell.product,
      sources: cell.source,
      connectionIds: cell.connectionId,
      providers: connection?.options.provider ?? '',
      environments: connection?.environment ?? '',
    };
    const unmet = facets.filter((kind) => filter[kind].length > 0 && !(filter[kind] as string[]).includes(is[kind]));
    if (unmet.length === 0) total += cell.sessions;
    for (const kind of facets) {
      if (unmet.some((other) => other !== kind)) continue;
      const counts = counted.get(kind);
      counts?.set(is[kind], (counts.get(is[kind]) ?? 0) + cell.sessions);
    }
  }
  const each = <Choice extends string>(choices: readonly Choice[], kind: Facet) =>
    Object.fromEntries(choices.map((choice) => [choice, counted.get(kind)?.get(choice) ?? 0])) as Record<
      Choice,
      number
    >;
  return {
    total,
    currencies,
    byStatus: each(sessionStatus.options, 'statuses'),
    byProvider: each(providerName.options, 'providers'),
    byProduct: each(product.options, 'products'),
    byEnvironment: each(environment.options, 'environments'),
    bySource: each(sessionSource.options, 'sources'),
    byConnection: each(
      connections.map(({ id }) => id),
      'connectionIds',
    ),
  };
}
