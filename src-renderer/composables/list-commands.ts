/** What the palette does to the list of sessions from anywhere: narrow it, order it, choose its columns. */
import { useI18n } from 'vue-i18n';
import { useRouter } from 'vue-router';
import { offerActs } from '../stores/commands.ts';
import type { Offer } from '../stores/commands.ts';
import { useConnections } from '../stores/connections.ts';
import { usePreferences } from '../stores/preferences.ts';
import { columnNames, columnOf } from './columns.ts';
import type { ColumnName } from './columns.ts';
import { useFilterWords } from './filter-labels.ts';
import { choicesOf, everything, kinds, parseListing, queryOf, toggled } from './session-query-params.ts';
import type { Kind, Listing } from './session-query-params.ts';

export function offerListActs(): void {
  const { t } = useI18n();
  const router = useRouter();
  const connections = useConnections();
  const preferences = usePreferences();
  const words = useFilterWords();

  /** As the address says it; the whole list where another view is shown. */
  function present(): Listing {
    const { name, query } = router.currentRoute.value;
    return name === 'sessions' ? parseListing(query) : everything;
  }
  const show = (changes: Partial<Listing>) => (): void =>
    void router.push({ name: 'sessions', query: queryOf({ ...present(), ...changes }) });

  const choices = (kind: Kind): readonly string[] =>
    kind === 'connectionIds' ? (connections.list ?? []).map(({ id }) => id) : choicesOf(kind);
  const filters = (): Offer[] =>
    kinds.flatMap((kind) =>
      choices(kind)
        .filter((choice) => !present()[kind].some((each) => each === choice))
        .map((choice) => ({
          about: t('filter.chip', { kind: t(`filter.kind.${kind}`), choices: words.choice(kind, choice) }),
          run: show({ [kind]: toggled<string>(present()[kind], choice) }),
        })),
    );

  /** `Age · ascending` is by what the column shows, as its head says it. */
  const orders = (): Offer[] =>
    columnNames.flatMap((name) => {
      const { sort: by, inverse = false } = columnOf(name);
      return by === undefined
        ? []
        : ([true, false] as const).map((ascending) => ({
            about: `${t(`column.${name}`)} · ${t(ascending ? 'display.ascending' : 'display.descending')}`,
            run: show({ sort: { by, descending: ascending === inverse } }),
          }));
    });
  const column =
    (shown: boolean) =>
    (name: ColumnName): Offer => ({ about: t(`column.${name}`), run: () => preferences.showColumn(name, shown) });

  offerActs({
    filterBy: filters,
    removeFilter: () => words.chips(present()).map(({ text, without }) => ({ about: text, run: show(without) })),
    sortBy: orders,
    showColumn: () => columnNames.filter((name) => !preferences.columns.includes(name)).map(column(true)),
    hideColumn: () => (preferences.columns.length > 1 ? preferences.columns.map(column(false)) : []),
    resetColumns: () => ({ run: () => preferences.resetColumns() }),
  });
}
