/** Commands for the target session: the selected sessions, else the session in the panel, else the focused row. */
import { nextTick } from 'vue';
import { useI18n } from 'vue-i18n';
import type { Session } from '../contract.ts';
import { useClipboard } from '../stores/clipboard.ts';
import { registerCommands, useCommands } from '../stores/commands.ts';
import type { CommandHandler } from '../stores/commands.ts';
import { errorOf } from '../stores/host.ts';
import { useSelection } from '../stores/selection.ts';
import { useBackgroundJobs } from '../stores/background-jobs.ts';
import { useSessions } from '../stores/sessions.ts';
import { useSessionDetails } from '../stores/session-details.ts';
import { useToasts } from '../stores/toasts.ts';
import { useFormats } from './formats.ts';
import { isFinal } from '../session-values.ts';

export function registerSessionCommands({
  openKey,
  open,
  cancel,
  plan,
}: {
  openKey: () => number | null;
  /** Opens the side panel. Settles when it is open. */
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
  const sessionDetails = useSessionDetails();
  const clipboard = useClipboard();
  const toasts = useToasts();

  const byKey = (key: number | undefined): Session | undefined =>
    key ? sessions.rowAt(sessions.indexOf(key)) : undefined;

  function onlySelected(): Session | undefined {
    const { callInput } = selection;
    return callInput && 'sessionKeys' in callInput && callInput.sessionKeys.length === 1
      ? byKey(callInput.sessionKeys[0])
      : undefined;
  }

  function targetSession(): Session | undefined {
    if (selection.count > 0) return onlySelected();
    const row = commands.previousFocus?.closest('#session-list [role="row"]')?.getAttribute('aria-rowindex');
    const key = openKey();
    // A session that was opened from another view may not be among the loaded rows.
    if (key !== null)
      return byKey(key) ?? (sessionDetails.details?.session.key === key ? sessionDetails.details.session : undefined);
    return row ? sessions.rowAt(Number(row) - 2) : undefined;
  }

  const nameOf = ({ reference }: Session): string => reference ?? t('session.withoutReference');
  const selectionLabel = (): string => formats.countText('selection.count', selection.count);
  const forOne =
    (run: (session: Session) => void, isAvailable: (session: Session) => boolean = () => true) =>
    (): CommandHandler | null => {
      const session = targetSession();
      return session && isAvailable(session) ? { targetLabel: nameOf(session), run: () => run(session) } : null;
    };

  async function refresh(): Promise<void> {
    const session = targetSession();
    const target = selection.callInput ?? (session && { sessionKeys: [session.key] });
    if (target) toasts.showResult(errorOf(await backgroundJobs.startRefresh(target)));
  }

  async function togglePolling({ key }: Session): Promise<void> {
    const shouldPoll = !sessionDetails.isPolled(key);
    const result = await sessionDetails.setPolled(key, shouldPoll);
    toasts.showResult(errorOf(result), t(shouldPoll ? 'watch.started' : 'watch.stopped'));
  }

  async function copy(text: string): Promise<void> {
    try {
      await clipboard.copyTemporarily(text);
      toasts.show(t(clipboard.isCleared ? 'copy.doneTemporarily' : 'copy.done'));
    } catch {
      toasts.show(t('copy.failed'), 'error');
    }
  }

  async function writeNote({ key }: Session): Promise<void> {
    await open(key);
    await nextTick();
    // The panel has registered its own handler by now.
    if (openKey() === key) void commands.run('writeNote');
  }

  const cancelOne = forOne(cancel, ({ status }) => !isFinal(status));
  const refreshOne = forOne(() => void refresh());
  registerCommands({
    cancelSession: () =>
      selection.count > 0 && !onlySelected() ? { targetLabel: selectionLabel(), run: plan } : cancelOne(),
    refreshSession: () =>
      selection.count > 0 ? { targetLabel: selectionLabel(), run: () => void refresh() } : refreshOne(),
    writeNote: forOne((session) => void writeNote(session)),
    watchSession: forOne(
      (session) => void togglePolling(session),
      ({ status }) => !isFinal(status),
    ),
    copyId: forOne(({ id }) => void copy(id)),
    copyReference: forOne(
      ({ reference }) => void copy(reference ?? ''),
      ({ reference }) => reference !== null,
    ),
    selectAll: () => sessions.hasExactCount && selection.count < sessions.total && { run: () => selection.selectAll() },
    clearSelection: () => selection.count > 0 && { targetLabel: selectionLabel(), run: () => selection.clear() },
  });
}
