/** The acts on the session that is meant: those selected, else the one beside the list, else the row that had the focus. */
import { nextTick } from 'vue';
import { useI18n } from 'vue-i18n';
import type { Session } from '../contract.ts';
import { offerActs, useActions } from '../stores/commands.ts';
import type { Offer } from '../stores/commands.ts';
import { useChosen } from '../stores/selection.ts';
import { useJobs } from '../stores/background-jobs.ts';
import { useSessions } from '../stores/sessions.ts';
import { useStory } from '../stores/session-details.ts';
import { useToasts } from '../stores/toasts.ts';
import { useWatching } from '../stores/polling.ts';
import { useFormats } from './formats.ts';
import { isFinal } from './session-utils.ts';

export function offerSessionActs({
  openKey,
  open,
  cancel,
  plan,
}: {
  openKey: () => number | null;
  /** Beside the list; settles when it is there. */
  open: (key: number) => Promise<unknown>;
  cancel: (session: Session) => void;
  plan: () => void;
}): void {
  const { t } = useI18n();
  const formats = useFormats();
  const actions = useActions();
  const sessions = useSessions();
  const chosen = useChosen();
  const jobs = useJobs();
  const watching = useWatching();
  const stories = useStory();
  const toasts = useToasts();

  const byKey = (key: number | undefined): Session | undefined =>
    key ? sessions.at(sessions.indexOf(key)) : undefined;

  function onlyChosen(): Session | undefined {
    const { contract } = chosen;
    return contract && 'sessionKeys' in contract && contract.sessionKeys.length === 1
      ? byKey(contract.sessionKeys[0])
      : undefined;
  }

  function meant(): Session | undefined {
    if (chosen.count > 0) return onlyChosen();
    const row = actions.from?.closest('#session-list [role="row"]')?.getAttribute('aria-rowindex');
    const key = openKey();
    // One that was opened from elsewhere need not be among the rows that are read.
    if (key !== null) return byKey(key) ?? (stories.story?.session.key === key ? stories.story.session : undefined);
    return row ? sessions.at(Number(row) - 2) : undefined;
  }

  const nameOf = ({ reference }: Session): string => reference ?? t('session.withoutReference');
  const several = (): string => t('choose.count', { count: formats.number(chosen.count) }, chosen.count);
  const toOne =
    (run: (session: Session) => void, fits: (session: Session) => boolean = () => true) =>
    (): Offer | null => {
      const session = meant();
      return session && fits(session) ? { about: nameOf(session), run: () => run(session) } : null;
    };

  async function refresh(): Promise<void> {
    const session = meant();
    const target = chosen.contract ?? (session && { sessionKeys: [session.key] });
    const problem = target ? await jobs.refresh(target) : null;
    if (problem) toasts.say(problem.message, 'problem');
  }

  async function watchIt({ key }: Session): Promise<void> {
    const wanted = !watching.isChosen(key);
    const problem = await watching.change(key, wanted);
    if (problem) toasts.say(problem.message, 'problem');
    else toasts.say(t(wanted ? 'watch.now' : 'watch.off'));
  }

  async function copy(text: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      toasts.say(t('copy.done'));
    } catch {
      toasts.say(t('copy.failed'), 'problem');
    }
  }

  async function writeNote({ key }: Session): Promise<void> {
    await open(key);
    await nextTick();
    // The panel's own offer by now.
    if (openKey() === key) void actions.run('writeNote');
  }

  const cancelOne = toOne(cancel, ({ status }) => !isFinal(status));
  const refreshOne = toOne(() => void refresh());
  offerActs({
    cancelSession: () => (chosen.count > 0 && !onlyChosen() ? { about: several(), run: plan } : cancelOne()),
    refreshSession: () => (chosen.count > 0 ? { about: several(), run: () => void refresh() } : refreshOne()),
    writeNote: toOne((session) => void writeNote(session)),
    watchSession: toOne(
      (session) => void watchIt(session),
      ({ status }) => !isFinal(status),
    ),
    copyId: toOne(({ id }) => void copy(id)),
    copyReference: toOne(
      ({ reference }) => void copy(reference ?? ''),
      ({ reference }) => reference !== null,
    ),
    selectAll: () => sessions.counted && chosen.count < sessions.total && { run: () => chosen.chooseAll() },
    clearSelection: () => chosen.count > 0 && { about: several(), run: () => chosen.clear() },
  });
}
