import type { DeskState, Handlers, Language, WorkspaceName } from '../contract/index.ts';
import { listBackups, pathOfBackup } from './maintenance/index.ts';
import type { Workspace } from './workspace.ts';

export interface HandlerParts {
  /** The open workspace; throws what keeps it from being open. */
  workspace(): Workspace;
  state(): Promise<DeskState>;
  switchTo(name: WorkspaceName): Promise<DeskState>;
  /** The folder of the workspace that is open, or that could not be opened. */
  folder(): string;
  restore(backup: string): Promise<DeskState>;
  /** Tells the host what the screen speaks. */
  speak(language: Language): void;
}

/** One function of core for each call of the contract. */
export function handlersFor({ workspace, state, switchTo, folder, restore, speak }: HandlerParts): Handlers {
  return {
    'desk.state': () => state(),
    'workspace.open': ({ workspace: name }) => switchTo(name),

    'screen.setLanguage': async ({ language }) => {
      speak(language);
      return {};
    },

    'connections.list': async () => workspace().connections.list(),
    'connections.add': async (input) => workspace().connections.add(input),
    'connections.test': async ({ connectionId }) => workspace().connections.test(connectionId, workspace().closing),
    'connections.change': async (input) => workspace().connections.change(input),
    'connections.replaceSecret': async (input) => workspace().connections.replaceSecret(input),
    'connections.setEventSecret': async (input) => workspace().connections.setEventSecret(input),
    'connections.forgetSecret': async (input) => workspace().connections.forgetSecret(input),
    'connections.setLocked': async (input) => workspace().connections.setLocked(input),
    'connections.remove': async ({ connectionId }) => {
      workspace().feeds.refuseIfFed(connectionId);
      await workspace().connections.remove(connectionId);
      return {};
    },

    'sessions.page': async (input) => workspace().registry.page(input),
    'sessions.counts': async (input) => workspace().registry.counts(input),
    'sessions.add': async (input) => workspace().registry.add(input),
    'sessions.applyEvent': async (input) => workspace().registry.applyEvent(input),
    'sessions.story': async ({ sessionKey }) => workspace().registry.story(sessionKey),
    'sessions.refresh': async ({ sessionKey }) => workspace().registry.refresh(sessionKey),
    'sessions.setNote': async (input) => workspace().registry.setNote(input),

    'exports.start': async (input) => workspace().exports.start(input),
    'exports.wait': async ({ exportId }) => workspace().exports.wait(exportId),
    'exports.stop': async ({ exportId }) => workspace().exports.stop(exportId),

    'views.list': async () => workspace().store.run('savedViews', null),
    'views.put': async (view) => {
      await workspace().store.run('putView', view);
      return view;
    },
    'views.remove': async ({ id }) => {
      await workspace().store.run('removeView', id);
      return {};
    },

    'watching.state': async () => workspace().watching.state(),
    'watching.change': async (input) => workspace().watching.change(input),

    'feeds.list': async () => workspace().feeds.list(),
    'feeds.add': async (input) => workspace().feeds.add(input),
    'feeds.change': async (input) => workspace().feeds.change(input),
    'feeds.replaceSecret': async (input) => workspace().feeds.replaceSecret(input),
    'feeds.remove': async ({ feedId }) => {
      await workspace().feeds.remove(feedId);
      return {};
    },
    'feeds.run': async ({ feedId }) => workspace().feeds.run(feedId),

    'refreshes.start': async (input) => workspace().refreshes.start(input),
    'refreshes.stop': async ({ refreshId }) => workspace().refreshes.stop(refreshId),
    'refreshes.list': async () => workspace().refreshes.list(),

    'imports.preview': async (input) => workspace().imports.preview(input),
    'imports.begin': async (input) => workspace().imports.begin(input),
    'imports.chunk': async (input) => workspace().imports.chunk(input),
    'imports.finish': async (input) => workspace().imports.finish(input),
    'imports.stop': async (input) => workspace().imports.stop(input),
    'imports.problems': async (input) => workspace().imports.problems(input),

    'cancellations.request': async (input) => workspace().cancellations.request(input),
    'cancellations.check': async (input) => workspace().cancellations.check(input),

    'batches.plan': async (input) => workspace().batches.plans.plan(input),
    'batches.planRetry': async (input) => workspace().batches.plans.planRetry(input),
    'batches.list': async (input) => workspace().batches.list(input),
    'batches.get': async ({ batchId }) => workspace().batches.get(batchId),
    'batches.summary': async ({ batchId }) => workspace().batches.plans.summary(batchId),
    'batches.items': async (input) => workspace().batches.results.items(input),
    'batches.refreshPlan': async ({ batchId }) => workspace().batches.plans.refresh(batchId),
    'batches.discard': async ({ batchId }) => workspace().batches.discard(batchId),
    'batches.confirm': async (input) => workspace().batches.confirm(input),
    'batches.callOff': async ({ batchId }) => workspace().batches.callOff(batchId),
    'batches.pause': async ({ batchId }) => workspace().batches.pause(batchId),
    'batches.resume': async ({ batchId }) => workspace().batches.resume(batchId),
    'batches.stop': async ({ batchId }) => workspace().batches.stop(batchId),
    'batches.resumeConnection': async ({ connectionId }) => {
      await workspace().batches.runs.resumeConnection(connectionId);
      return workspace().paces.of(connectionId);
    },
    'batches.export': async (input) => workspace().batches.results.export(input),

    'settings.get': async () => workspace().settings.view,
    'settings.change': async (input) => workspace().settings.change(input),
    'diagnostics.gather': async () => workspace().diagnostics.gather(),
    'diagnostics.write': async ({ diagnosticsId }) => workspace().diagnostics.write(diagnosticsId),

    'pace.list': async () => workspace().paces.list(),
    'pace.change': async (input) => workspace().paces.change(input),

    'audit.page': async (input) => workspace().store.run('auditPage', input),
    'audit.record': async ({ sequence }) => workspace().store.run('auditRecord', sequence),
    'audit.verify': async () => workspace().audit.verify(),
    'audit.stopVerification': async () => {
      workspace().audit.stopVerification();
      return {};
    },
    'audit.export': async (input) => workspace().audit.export(input),
    'audit.outcomesPerDay': async (input) => workspace().store.run('outcomesPerDay', input),

    'backups.list': async () => listBackups(folder()),
    'backups.make': async () => workspace().upkeep.backUp(),
    'backups.restore': async ({ name }) => restore(pathOfBackup(folder(), name)),
    'sessions.countOld': async (input) => workspace().removals.countOld(input),
    'sessions.removeOld': async (input) => workspace().removals.removeOld(input),
    'sessions.removals': async () => workspace().removals.list(),
    'sessions.undoRemoval': async ({ removalId }) => workspace().removals.undo(removalId),
  };
}
