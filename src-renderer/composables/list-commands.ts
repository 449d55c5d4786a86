/** What the palette does to the list of sessions from anywhere: narrow it, order it, choose its columns. */
import { useI18n } from 'vue-i18n';
import { useRouter } from 'vue-router';
import { registerCommands } from '../stores/commands.ts';
import type { CommandHandler } from '../stores/commands.ts';
import { useConnections } from '../stores/connections.ts';
import { usePreferences } from '../stores/preferences.ts';
import { columnNames, getColumn } from './columns.ts';
import type { ColumnName } from './columns.ts';
import { useFilterLabels } from './filter-labels.ts';
import {
  filterOptions,
  defaultSessionQuery,
  filterFields,
  parseSessionQuery,
  toUrlQuery,
  toggleItem,
} from './session-query-params.ts';
import type { FilterField, SessionQuery } from './session-query-params.ts';

export function registerListCommands(): void {
  const { t } = useI18n();
  const router = useRouter();
  const connections = useConnections();
  const preferences = usePreferences();
  const filterLabels = useFilterLabels();

  /** As the address says it; the whole list where another view is shown. */
  function present(): SessionQuery {
    const { name, query } = router.currentRoute.value;
    return name === 'sessions' ? parseSessionQuery(query) : defaultSessionQuery;
  }
  const show = (changes: Partial<SessionQuery>) => (): void =>
    void router.push({ name: 'sessions', query: toUrlQuery({ ...present(), ...changes }) });

  const choices = (kind: FilterField): readonly string[] =>
    kind === 'connectionIds' ? (connections.list ?? []).map(({ id }) => id) : filterOptions(kind);
  const filters = (): CommandHandler[] =>
    filterFields.flatMap((kind) =>
      choices(kind)
        .filter((choice) => !present()[kind].some((each) => each === choice))
        .map((choice) => ({
          targetLabel: t('filter.chip', {
            kind: t(`filter.kind.${kind}`),
            choices: filterLabels.optionLabel(kind, choice),
          }),
          run: show({ [kind]: toggleItem<string>(present()[kind], choice) }),
        })),
    );

  /** `Age · ascending` is by what the column shows, as its head says it. */
  const orders = (): CommandHandler[] =>
    columnNames.flatMap((name) => {
      const { sortBy: by, isInverse = false } = getColumn(name);
      return by === undefined
        ? []
        : ([true, false] as const).map((ascending) => ({
            targetLabel: `${t(`column.${name}`)} · ${t(ascending ? 'display.ascending' : 'display.descending')}`,
            run: show({ sort: { by, descending: ascending === isInverse } }),
          }));
    });
  const column =
    (shown: boolean) =>
    (name: ColumnName): CommandHandler => ({
      targetLabel: t(`column.${name}`),
      run: () => preferences.showColumn(name, shown),
    });

  registerCommands({
    filterBy: filters,
    removeFilter: () =>
      filterLabels.chips(present()).map(({ text, queryChange }) => ({ targetLabel: text, run: show(queryChange) })),
    sortBy: orders,
    showColumn: () => columnNames.filter((name) => !preferences.columns.includes(name)).map(column(true)),
    hideColumn: () => (preferences.columns.length > 1 ? preferences.columns.map(column(false)) : []),
    resetColumns: () => ({ run: () => preferences.resetColumns() }),
  });
}
