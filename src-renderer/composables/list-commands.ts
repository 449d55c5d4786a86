/** Palette commands that filter, sort and arrange the session list from every view. */
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

  /** The query of the URL; the default if another view is open. */
  function currentQuery(): SessionQuery {
    const { name, query } = router.currentRoute.value;
    return name === 'sessions' ? parseSessionQuery(query) : defaultSessionQuery;
  }
  const applyChanges = (changes: Partial<SessionQuery>) => (): void =>
    void router.push({ name: 'sessions', query: toUrlQuery({ ...currentQuery(), ...changes }) });

  const options = (field: FilterField): readonly string[] =>
    field === 'connectionIds' ? (connections.list ?? []).map(({ id }) => id) : filterOptions(field);
  const filterHandlers = (): CommandHandler[] =>
    filterFields.flatMap((field) =>
      options(field)
        .filter((option) => !currentQuery()[field].some((each) => each === option))
        .map((option) => ({
          targetLabel: t('filter.chip', {
            kind: t(`filter.kind.${field}`),
            choices: filterLabels.optionLabel(field, option),
          }),
          run: applyChanges({ [field]: toggleItem<string>(currentQuery()[field], option) }),
        })),
    );

  /** `Age · ascending` sorts by the shown value, like the column's header. */
  const sortHandlers = (): CommandHandler[] =>
    columnNames.flatMap((name) => {
      const { sortBy: by, isInverse = false } = getColumn(name);
      return by === undefined
        ? []
        : ([true, false] as const).map((ascending) => ({
            targetLabel: `${t(`column.${name}`)} · ${t(ascending ? 'display.ascending' : 'display.descending')}`,
            run: applyChanges({ sort: { by, descending: ascending === isInverse } }),
          }));
    });
  const columnHandler =
    (shown: boolean) =>
    (name: ColumnName): CommandHandler => ({
      targetLabel: t(`column.${name}`),
      run: () => preferences.showColumn(name, shown),
    });

  registerCommands({
    filterBy: filterHandlers,
    removeFilter: () =>
      filterLabels
        .chips(currentQuery())
        .map(({ text, queryChange }) => ({ targetLabel: text, run: applyChanges(queryChange) })),
    sortBy: sortHandlers,
    showColumn: () => columnNames.filter((name) => !preferences.columns.includes(name)).map(columnHandler(true)),
    hideColumn: () => (preferences.columns.length > 1 ? preferences.columns.map(columnHandler(false)) : []),
    resetColumns: () => ({ run: () => preferences.resetColumns() }),
  });
}
