/** Commands that are available in every view. Some open a view. */
import { useI18n } from 'vue-i18n';
import { useRouter } from 'vue-router';
import { statusOrder } from '../contract.ts';
import { registerCommands, useCommands } from '../stores/commands.ts';
import type { CommandHandler } from '../stores/commands.ts';
import { useBatches } from '../stores/batches.ts';
import { hasUsableSecret, useConnections } from '../stores/connections.ts';
import { useWorkspace } from '../stores/workspace.ts';
import { useFeeds } from '../stores/feeds.ts';
import { densities, themes, usePreferences } from '../stores/preferences.ts';
import { useToasts } from '../stores/toasts.ts';
import { useSavedViews } from '../stores/saved-views.ts';
import type { CallError, Connection, Feed, WorkspaceName } from '../contract.ts';
import { useBatchLabels } from './batch-labels.ts';
import { sanitizeColumns } from './columns.ts';

export function registerAppCommands(showShortcuts: () => void): void {
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
  const showResult = (error: CallError | null, successText = ''): void => {
    if (error) toasts.show(error.message, 'error');
    else if (successText) toasts.show(successText);
  };
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
    run: () => void workspace.open(name).then((error) => showResult(error)),
  });

  async function test({ id }: Connection): Promise<void> {
    await router.push({ name: 'connections' });
    showResult(await connections.test(id));
  }
  async function setLocked({ id, name }: Connection, locked: boolean): Promise<void> {
    showResult(
      await connections.setLocked(id, locked),
      t(locked ? 'connections.lockedToast' : 'connections.unlockedToast', { name }),
    );
  }

  async function runFeed(id: string): Promise<void> {
    await router.push({ name: 'connections' });
    const result = await feeds.run(id);
    showResult(result.ok ? null : result.error);
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
