/** The acts that can be done from anywhere: they need no view, or lead to one. */
import { useI18n } from 'vue-i18n';
import { useRouter } from 'vue-router';
import { statusOrder } from '../contract.ts';
import { offerActs, useActions } from '../stores/commands.ts';
import type { Offer } from '../stores/commands.ts';
import { useBatches } from '../stores/batches.ts';
import { useConnections } from '../stores/connections.ts';
import { useDesk } from '../stores/workspace.ts';
import { useFeeds } from '../stores/feeds.ts';
import { densities, themes, usePreferences } from '../stores/preferences.ts';
import { useToasts } from '../stores/toasts.ts';
import { useViews } from '../stores/saved-views.ts';
import type { CallError, Connection, Feed, WorkspaceName } from '../contract.ts';
import { useBatchWords } from './batch-labels.ts';
import { knownColumns } from './columns.ts';

export function offerDeskActs(showKeys: () => void): void {
  const { t } = useI18n();
  const router = useRouter();
  const actions = useActions();
  const desk = useDesk();
  const connections = useConnections();
  const batches = useBatches();
  const feeds = useFeeds();
  const views = useViews();
  const preferences = usePreferences();
  const toasts = useToasts();
  const words = useBatchWords();

  const go = (name: string, query = {}): Offer => ({ run: () => void router.push({ name, query }) });
  const tell = (problem: CallError | null, done = ''): void => {
    if (problem) toasts.say(problem.message, 'problem');
    else if (done) toasts.say(done);
  };
  const ofEach = (fits: (connection: Connection) => boolean, run: (connection: Connection) => void) => (): Offer[] =>
    (connections.list ?? []).filter(fits).map((connection) => ({
      about: `${connection.name} · ${t(`environment.${connection.environment}`)}`,
      run: () => run(connection),
    }));
  const ofEachFeed = (fits: (feed: Feed) => boolean, run: (feed: Feed) => void) => (): Offer[] =>
    (desk.practice ? [] : (feeds.list ?? [])).filter(fits).map((feed) => ({ about: feed.name, run: () => run(feed) }));
  const toFeed = (what: 'change' | 'secret' | 'remove', id: string): void =>
    void router.push({ name: 'connections', query: { feed: id, what } });
  const open = (workspace: WorkspaceName): Offer => ({
    run: () => void desk.open(workspace).then((problem) => tell(problem)),
  });

  async function test({ id }: Connection): Promise<void> {
    await router.push({ name: 'connections' });
    tell(await connections.test(id));
  }
  async function lock({ id, name }: Connection, locked: boolean): Promise<void> {
    tell(
      await connections.setLocked(id, locked),
      t(locked ? 'connections.lockedNow' : 'connections.unlockedNow', { name }),
    );
  }

  async function runFeed(id: string): Promise<void> {
    await router.push({ name: 'connections' });
    const answer = await feeds.run(id);
    tell(answer.ok ? null : answer.error);
  }

  offerActs({
    openPalette: () => desk.state && !desk.state.trouble && { run: () => actions.openPalette() },
    showKeys: () => ({ run: showKeys }),
    goSessions: () => go('sessions'),
    goBatches: () => go('batches'),
    goAudit: () => go('audit'),
    goConnections: () => go('connections'),
    goSettings: () => go('settings'),
    searchSessions: () => ({
      run: (typed) => {
        const { name, query } = router.currentRoute.value;
        void router.push({
          name: 'sessions',
          query: { ...(name === 'sessions' && query), ...(typed && { q: typed }), focus: 'search' },
        });
      },
    }),
    showStatus: () => statusOrder.map((status) => ({ about: t(`status.${status}`), ...go('sessions', { status }) })),
    showView: () =>
      views.list.map((view) => ({
        about: view.name,
        run: () => {
          preferences.columns = knownColumns(view.columns);
          void router.push({ name: 'sessions', query: Object.fromEntries(new URLSearchParams(view.query)) });
        },
      })),
    // Pausing, resuming and stopping are done where the whole of it is seen.
    openBatch: () =>
      [...new Set([...batches.waiting, ...batches.underWay, ...batches.all])].map((batch) => ({
        about: `${words.name(batch)} · ${words.state(batch)}`,
        run: () => void router.push({ name: 'batches', params: { id: batch.id } }),
      })),
    addConnection: () => !desk.practice && go('connections', { add: '1' }),
    testConnection: ofEach(
      ({ credential }) => credential.state !== 'missing',
      (connection) => void test(connection),
    ),
    lockConnection: ofEach(
      ({ locked }) => !locked,
      (connection) => void lock(connection, true),
    ),
    unlockConnection: ofEach(
      ({ locked }) => locked,
      (connection) => void lock(connection, false),
    ),
    replaceSecret: ofEach(
      () => !desk.practice,
      ({ id }) => void router.push({ name: 'connections', query: { replace: id } }),
    ),
    storeEventSecret: ofEach(
      () => !desk.practice,
      ({ id }) => void router.push({ name: 'connections', query: { events: id } }),
    ),
    removeConnection: ofEach(
      () => !desk.practice,
      ({ id }) => void router.push({ name: 'connections', query: { remove: id } }),
    ),
    changePace: ofEach(
      () => true,
      ({ id }) => void router.push({ name: 'connections', query: { pace: id } }),
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
      ({ id }) => toFeed('secret', id),
    ),
    removeFeed: ofEachFeed(
      () => true,
      ({ id }) => toFeed('remove', id),
    ),
    setTheme: () =>
      themes.map((theme) => ({
        about: t(`theme.${theme}`),
        run: () => {
          preferences.theme = theme;
        },
      })),
    setDensity: () =>
      densities.map((density) => ({
        about: t(`density.${density}`),
        run: () => {
          preferences.density = density;
        },
      })),
    openPractice: () => desk.state !== null && !desk.practice && open('practice'),
    leavePractice: () => desk.practice && open('work'),
  });
}
