/** The acts that can be done from anywhere: they need no view, or lead to one. */
import { useI18n } from 'vue-i18n';
import { useRouter } from 'vue-router';
import { statusOrder } from '../contract.ts';
import { registerCommands, useCommands } from '../stores/commands.ts';
import type { CommandHandler } from '../stores/commands.ts';
import { useBatches } from '../stores/batches.ts';
import { useConnections } from '../stores/connections.ts';
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
  const tell = (problem: CallError | null, done = ''): void => {
    if (problem) toasts.show(problem.message, 'error');
    else if (done) toasts.show(done);
  };
  const ofEach =
    (fits: (connection: Connection) => boolean, run: (connection: Connection) => void) => (): CommandHandler[] =>
      (connections.list ?? []).filter(fits).map((connection) => ({
        targetLabel: `${connection.name} · ${t(`environment.${connection.environment}`)}`,
        run: () => run(connection),
      }));
  const ofEachFeed = (fits: (feed: Feed) => boolean, run: (feed: Feed) => void) => (): CommandHandler[] =>
    (workspace.isPractice ? [] : (feeds.list ?? []))
      .filter(fits)
      .map((feed) => ({ targetLabel: feed.name, run: () => run(feed) }));
  const toFeed = (dialog: 'change' | 'replaceSecret' | 'remove', id: string): void =>
    void router.push({ name: 'connections', query: { feed: id, dialog } });
  const open = (name: WorkspaceName): CommandHandler => ({
    run: () => void workspace.open(name).then((problem) => tell(problem)),
  });

  async function test({ id }: Connection): Promise<void> {
    await router.push({ name: 'connections' });
    tell(await connections.test(id));
  }
  async function lock({ id, name }: Connection, locked: boolean): Promise<void> {
    tell(
      await connections.setLocked(id, locked),
      t(locked ? 'connections.lockedToast' : 'connections.unlockedToast', { name }),
    );
  }

  async function runFeed(id: string): Promise<void> {
    await router.push({ name: 'connections' });
    const answer = await feeds.run(id);
    tell(answer.ok ? null : answer.error);
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
    // Pausing, resuming and stopping are done where the whole of it is seen.
    openBatch: () =>
      [...new Set([...batches.needingAttention, ...batches.active, ...batches.all])].map((batch) => ({
        targetLabel: `${batchLabels.name(batch)} · ${batchLabels.state(batch)}`,
        run: () => void router.push({ name: 'batches', params: { id: batch.id } }),
      })),
    addConnection: () => !workspace.isPractice && goTo('connections', { add: '1' }),
    testConnection: ofEach(
      ({ credential }) => credential.state !== 'missing',
      (connection) => void test(connection),
    ),
    lockConnection: ofEach(
      ({ isLocked }) => !isLocked,
      (connection) => void lock(connection, true),
    ),
    unlockConnection: ofEach(
      ({ isLocked }) => isLocked,
      (connection) => void lock(connection, false),
    ),
    replaceSecret: ofEach(
      () => !workspace.isPractice,
      ({ id }) => void router.push({ name: 'connections', query: { replaceSecret: id } }),
    ),
    setWebhookSecret: ofEach(
      () => !workspace.isPractice,
      ({ id }) => void router.push({ name: 'connections', query: { webhookSecret: id } }),
    ),
    removeConnection: ofEach(
      () => !workspace.isPractice,
      ({ id }) => void router.push({ name: 'connections', query: { remove: id } }),
    ),
    changeRateLimit: ofEach(
      () => true,
      ({ id }) => void router.push({ name: 'connections', query: { rateLimit: id } }),
    ),
    runFeed: ofEachFeed(
      () => true,
      ({ id }) => void runFeed(id),
    ),
    changeFeed: ofEachFeed(
      () => true,
      ({ id }) => toFeed('change', id),
    ),
    replaceFeedSecret: ofEachFeed(
      ({ source }) => source.kind === 'url',
      ({ id }) => toFeed('replaceSecret', id),
    ),
    removeFeed: ofEachFeed(
      () => true,
      ({ id }) => toFeed('remove', id),
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
    openPractice: () => workspace.state !== null && !workspace.isPractice && open('practice'),
    leavePractice: () => workspace.isPractice && open('work'),
  });
}
