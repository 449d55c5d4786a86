/** Commands that are available in every view: navigation, connections, feeds, the session list and the settings. */
import { useI18n } from 'vue-i18n';
import { useRouter } from 'vue-router';
import { statusOrder } from '../contract.ts';
import { registerCommands, useCommands } from '../stores/commands.ts';
import type { CommandHandler } from '../stores/commands.ts';
import { useBatches } from '../stores/batches.ts';
import { hasUsableSecret, useConnections } from '../stores/connections.ts';
import { useWorkspace } from '../stores/workspace.ts';
import { useFeeds } from '../stores/feeds.ts';
import { densities, languageChoices, themes, usePreferences } from '../stores/preferences.ts';
import { useToasts } from '../stores/toasts.ts';
import { useSavedViews } from '../stores/sessions.ts';
import type { Connection, Feed, WorkspaceName } from '../contract.ts';
import { useBatchLabels } from './batch-labels.ts';
import {
  columnNames,
  defaultSessionQuery,
  filterFields,
  filterOptions,
  getColumn,
  parseSessionQuery,
  sanitizeColumns,
  toUrlQuery,
  toggleItem,
} from '../session-list.ts';
import type { ColumnName, FilterField, SessionQuery } from '../session-list.ts';
import { useFilterLabels } from './filter-labels.ts';
import { useRemovals } from './removals.ts';
import { languageNames, languages } from '../i18n.ts';
import { errorOf, useHost } from '../stores/host.ts';
import { useSettings } from '../stores/settings.ts';

export function registerAppCommands(showShortcuts: () => void): void {
  registerListCommands();
  registerSettingsCommands();
  const { t } = useI18n();
  const router = useRouter();
  const commands = useCommands();
  const workspace = useWorkspace();
  const connections = useConnections();
  const batches = useBatches();
  const feeds = useFeeds();
  const savedViews = useSavedViews();
  const preferences = usePreferences();
  const toasts = useToasts();
  const batchLabels = useBatchLabels();

  const goTo = (name: string, query = {}): CommandHandler => ({ run: () => void router.push({ name, query }) });
  const forConnections =
    (isAvailable: (connection: Connection) => boolean, run: (connection: Connection) => void) => (): CommandHandler[] =>
      (connections.list ?? []).filter(isAvailable).map((connection) => ({
        targetLabel: `${connection.name} · ${t(`environment.${connection.environment}`)}`,
        run: () => run(connection),
      }));
  const forFeeds = (isAvailable: (feed: Feed) => boolean, run: (feed: Feed) => void) => (): CommandHandler[] =>
    (workspace.isPractice ? [] : (feeds.list ?? []))
      .filter(isAvailable)
      .map((feed) => ({ targetLabel: feed.name, run: () => run(feed) }));
  const openFeedDialog = (dialog: 'change' | 'replaceSecret' | 'remove', id: string): void =>
    void router.push({ name: 'connections', query: { feed: id, dialog } });
  const openWorkspace = (name: WorkspaceName): CommandHandler => ({
    run: () => void workspace.open(name).then((error) => toasts.showResult(error)),
  });

  async function test({ id }: Connection): Promise<void> {
    await router.push({ name: 'connections' });
    toasts.showResult(await connections.test(id));
  }
  async function setLocked({ id, name }: Connection, locked: boolean): Promise<void> {
    toasts.showResult(
      await connections.setLocked(id, locked),
      t(locked ? 'connections.lockedToast' : 'connections.unlockedToast', { name }),
    );
  }

  async function runFeed(id: string): Promise<void> {
    await router.push({ name: 'connections' });
    const result = await feeds.run(id);
    toasts.showResult(errorOf(result));
  }

  registerCommands({
    openPalette: () => workspace.state && !workspace.state.workspaceError && { run: () => commands.openPalette() },
    showShortcuts: () => ({ run: showShortcuts }),
    goSessions: () => goTo('sessions'),
    goBatches: () => goTo('batches'),
    goAudit: () => goTo('audit'),
    goConnections: () => goTo('connections'),
    goSettings: () => goTo('settings'),
    searchSessions: () => ({
      run: (input) => {
        const { name, query } = router.currentRoute.value;
        void router.push({
          name: 'sessions',
          query: { ...(name === 'sessions' && query), ...(input && { q: input }), focus: 'search' },
        });
      },
    }),
    showStatus: () =>
      statusOrder.map((status) => ({ targetLabel: t(`status.${status}`), ...goTo('sessions', { status }) })),
    showView: () =>
      savedViews.list.map((view) => ({
        targetLabel: view.name,
        run: () => {
          preferences.columns = sanitizeColumns(view.columns);
          void router.push({ name: 'sessions', query: Object.fromEntries(new URLSearchParams(view.query)) });
        },
      })),
    // The batch's own view has the commands to pause, resume and stop, next to its state.
    openBatch: () =>
      [...new Set([...batches.needingAttention, ...batches.active, ...batches.all])].map((batch) => ({
        targetLabel: `${batchLabels.name(batch)} · ${batchLabels.state(batch)}`,
        run: () => void router.push({ name: 'batches', params: { id: batch.id } }),
      })),
    addConnection: () => !workspace.isPractice && goTo('connections', { add: '1' }),
    testConnection: forConnections(hasUsableSecret, (connection) => void test(connection)),
    lockConnection: forConnections(
      ({ isLocked }) => !isLocked,
      (connection) => void setLocked(connection, true),
    ),
    unlockConnection: forConnections(
      ({ isLocked }) => isLocked,
      (connection) => void setLocked(connection, false),
    ),
    replaceSecret: forConnections(
      () => !workspace.isPractice,
      ({ id }) => void router.push({ name: 'connections', query: { replaceSecret: id } }),
    ),
    setWebhookSecret: forConnections(
      () => !workspace.isPractice,
      ({ id }) => void router.push({ name: 'connections', query: { webhookSecret: id } }),
    ),
    removeConnection: forConnections(
      () => !workspace.isPractice,
      ({ id }) => void router.push({ name: 'connections', query: { remove: id } }),
    ),
    changeRateLimit: forConnections(
      () => true,
      ({ id }) => void router.push({ name: 'connections', query: { rateLimit: id } }),
    ),
    runFeed: forFeeds(
      () => true,
      ({ id }) => void runFeed(id),
    ),
    changeFeed: forFeeds(
      () => true,
      ({ id }) => openFeedDialog('change', id),
    ),
    replaceFeedSecret: forFeeds(
      ({ source }) => source.kind === 'url',
      ({ id }) => openFeedDialog('replaceSecret', id),
    ),
    removeFeed: forFeeds(
      () => true,
      ({ id }) => openFeedDialog('remove', id),
    ),
    setTheme: () =>
      themes.map((theme) => ({
        targetLabel: t(`theme.${theme}`),
        run: () => {
          preferences.theme = theme;
        },
      })),
    setDensity: () =>
      densities.map((density) => ({
        targetLabel: t(`density.${density}`),
        run: () => {
          preferences.density = density;
        },
      })),
    openPractice: () => workspace.state !== null && !workspace.isPractice && openWorkspace('practice'),
    leavePractice: () => workspace.isPractice && openWorkspace('work'),
  });
}

/** Palette commands that filter, sort and arrange the session list from every view. */
function registerListCommands(): void {
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

/** The sections of the settings that the URL can open. */
export type SettingsSectionName =
  'operator' | 'reasons' | 'confirmation' | 'privacy' | 'backups' | 'retention' | 'diagnostics' | 'shortcuts' | 'about';

/** Palette commands for the settings. A simple choice takes effect at once; other commands open their section. */
function registerSettingsCommands(): void {
  const { t } = useI18n();
  const router = useRouter();
  const host = useHost();
  const preferences = usePreferences();
  const settings = useSettings();
  const toasts = useToasts();
  const removals = useRemovals();
  const languageLabels = new Map<string, string>(languages.map((language) => [language, languageNames[language]]));

  const openSection = (name: SettingsSectionName) => (): CommandHandler => ({
    run: () => void router.push({ name: 'settings', query: { section: name } }),
  });

  async function createBackup(): Promise<void> {
    const result = await settings.createBackup();
    toasts.showResult(errorOf(result), result.ok ? t('settings.backupMade', { name: result.value.name }) : '');
  }

  function switchHandler(
    name: 'singleKeyShortcutsEnabled' | 'isHiddenFromRecordings',
    resultText: (isOn: boolean) => string,
  ): CommandHandler | null {
    if (!settings.current) return null;
    const isOn = !settings.current[name];
    return {
      targetLabel: t(isOn ? 'settings.turnOn' : 'settings.turnOff'),
      run: () => void settings.change({ [name]: isOn }).then((error) => toasts.showResult(error, resultText(isOn))),
    };
  }

  registerCommands({
    setLanguage: () =>
      languageChoices.map((choice) => ({
        targetLabel: languageLabels.get(choice) ?? t('language.system'),
        run: () => {
          preferences.language = choice;
        },
      })),
    changeOperatorName: openSection('operator'),
    changeReasons: openSection('reasons'),
    changeConfirmation: openSection('confirmation'),
    toggleSingleKeyShortcuts: () =>
      switchHandler('singleKeyShortcutsEnabled', (isOn) =>
        t(isOn ? 'settings.singleKeyShortcutsOn' : 'settings.singleKeyShortcutsOff'),
      ),
    toggleHiddenFromRecordings: () =>
      host.kind === 'window' &&
      switchHandler('isHiddenFromRecordings', (isOn) =>
        t(isOn ? 'settings.hiddenFromRecordingsOn' : 'settings.hiddenFromRecordingsOff'),
      ),
    createBackup: () => ({ run: () => void createBackup() }),
    restoreBackup: openSection('backups'),
    removeOldSessions: openSection('retention'),
    undoSessionRemoval: () =>
      removals
        .undoable(Date.now())
        .filter(({ progress }) => progress === null)
        .map((removal) => ({
          targetLabel: removals.shortLabel(removal),
          run: () => void removals.undo(removal.removalId),
        })),
    collectDiagnostics: openSection('diagnostics'),
    showAbout: openSection('about'),
  });
}
