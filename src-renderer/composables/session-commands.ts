/** The acts on the session that is meant: those selected, else the one beside the list, else the row that had the focus. */
import { nextTick } from 'vue';
import { useI18n } from 'vue-i18n';
import type { Session } from '../contract.ts';
import { registerCommands, useCommands } from '../stores/commands.ts';
import type { CommandHandler } from '../stores/commands.ts';
import { useSelection } from '../stores/selection.ts';
import { useBackgroundJobs } from '../stores/background-jobs.ts';
import { useSessions } from '../stores/sessions.ts';
import { useSessionDetails } from '../stores/session-details.ts';
import { useToasts } from '../stores/toasts.ts';
import { usePolling } from '../stores/polling.ts';
import { useFormats } from './formats.ts';
import { isFinal } from './session-utils.ts';

export function registerSessionCommands({
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
  const commands = useCommands();
  const sessions = useSessions();
  const selection = useSelection();
  const backgroundJobs = useBackgroundJobs();
  const polling = usePolling();
  const sessionDetails = useSessionDetails();
  const toasts = useToasts();

  const byKey = (key: number | undefined): Session | undefined =>
    key ? sessions.rowAt(sessions.indexOf(key)) : undefined;

  function onlySelected(): Session | undefined {
    const { callInput } = selection;
    return callInput && 'sessionKeys' in callInput && callInput.sessionKeys.length === 1
      ? byKey(callInput.sessionKeys[0])
      : undefined;
  }

  function meant(): Session | undefined {
    if (selection.count > 0) return onlySelected();
    const row = commands.previousFocus?.closest('#session-list [role="row"]')?.getAttribute('aria-rowindex');
    const key = openKey();
    // One that was opened from elsewhere need not be among the rows that are read.
    if (key !== null)
      return byKey(key) ?? (sessionDetails.details?.session.key === key ? sessionDetails.details.session : undefined);
    return row ? sessions.rowAt(Number(row) - 2) : undefined;
  }

  const nameOf = ({ reference }: Session): string => reference ?? t('session.withoutReference');
  const several = (): string => t('selection.count', { count: formats.number(selection.count) }, selection.count);
  const toOne =
    (run: (session: Session) => void, fits: (session: Session) => boolean = () => true) =>
    (): CommandHandler | null => {
      const session = meant();
      return session && fits(session) ? { targetLabel: nameOf(session), run: () => run(session) } : null;
    };

  async function refresh(): Promise<void> {
    const session = meant();
    const target = selection.callInput ?? (session && { sessionKeys: [session.key] });
    const problem = target ? await backgroundJobs.startRefresh(target) : null;
    if (problem) toasts.show(problem.message, 'error');
  }

  async function watchIt({ key }: Session): Promise<void> {
    const wanted = !polling.isPolled(key);
    const problem = await polling.setPolled(key, wanted);
    if (problem) toasts.show(problem.message, 'error');
    else toasts.show(t(wanted ? 'watch.started' : 'watch.stopped'));
  }

  async function copy(text: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      toasts.show(t('copy.done'));
    } catch {
      toasts.show(t('copy.failed'), 'error');
    }
  }

  async function writeNote({ key }: Session): Promise<void> {
    await open(key);
    await nextTick();
    // The panel's own offer by now.
    if (openKey() === key) void commands.run('writeNote');
  }

  const cancelOne = toOne(cancel, ({ status }) => !isFinal(status));
  const refreshOne = toOne(() => void refresh());
  registerCommands({
    cancelSession: () => (selection.count > 0 && !onlySelected() ? { targetLabel: several(), run: plan } : cancelOne()),
    refreshSession: () => (selection.count > 0 ? { targetLabel: several(), run: () => void refresh() } : refreshOne()),
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
    selectAll: () => sessions.hasExactCount && selection.count < sessions.total && { run: () => selection.selectAll() },
    clearSelection: () => selection.count > 0 && { targetLabel: several(), run: () => selection.clear() },
  });
}
