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

/** The lists of a filter from which the operator chooses values. */
type Facet = 'statuses' | 'providers' | 'products' | 'connectionIds' | 'environments' | 'sources';
const facets: readonly Facet[] = ['statuses', 'providers', 'products', 'connectionIds', 'environments', 'sources'];

/** Whether a filter contains a search or a range, so that its matches must be counted by a scan of the sessions. */
export function hasSearchOrRange({
  search,
  createdFrom,
  createdBefore,
  amount,
  checkedBefore,
  neverChecked,
}: SessionFilter): boolean {
  return (
    search !== '' || neverChecked || [createdFrom, createdBefore, amount, checkedBefore].some((value) => value !== null)
  );
}

/**
 * Returns the total of the filter and, for each value of each facet, the number of sessions that match the filter's
 * other facets. `groups` hold the sessions that match the filter's search and ranges.
 */
export function aggregateCounts(
  filter: SessionFilter,
  groups: readonly SessionCountGroup[],
  connections: readonly Connection[],
  currencies: string[],
): SessionCounts {
  const connectionsById = new Map(connections.map((connection) => [connection.id, connection]));
  const countsByFacet = new Map<Facet, Map<string, number>>(facets.map((facet) => [facet, new Map()]));
  let total = 0;
  for (const group of groups) {
    const connection = connectionsById.get(group.connectionId);
    const valueOf: Record<Facet, string> = {
      statuses: group.status,
      products: group.product,
      sources: group.source,
      connectionIds: group.connectionId,
      providers: connection?.options.provider ?? '',
      environments: connection?.environment ?? '',
    };
    const unmatchedFacets = facets.filter(
      (facet) => filter[facet].length > 0 && !(filter[facet] as string[]).includes(valueOf[facet]),
    );
    if (unmatchedFacets.length === 0) total += group.sessions;
    for (const facet of facets) {
      if (unmatchedFacets.some((unmatched) => unmatched !== facet)) continue;
      const counts = countsByFacet.get(facet);
      counts?.set(valueOf[facet], (counts.get(valueOf[facet]) ?? 0) + group.sessions);
    }
  }
  const countsFor = <Value extends string>(values: readonly Value[], facet: Facet) =>
    Object.fromEntries(values.map((value) => [value, countsByFacet.get(facet)?.get(value) ?? 0])) as Record<
      Value,
      number
    >;
  return {
    total,
    currencies,
    byStatus: countsFor(sessionStatus.options, 'statuses'),
    byProvider: countsFor(providerName.options, 'providers'),
    byProduct: countsFor(product.options, 'products'),
    byEnvironment: countsFor(environment.options, 'environments'),
    bySource: countsFor(sessionSource.options, 'sources'),
    byConnection: countsFor(
      connections.map(({ id }) => id),
      'connectionIds',
    ),
  };
}
