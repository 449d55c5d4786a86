import {
  AppError,
  createMessage,
  isAppError,
  type AppState,
  type CoreCallHandlers,
  type WorkspaceName,
} from '../contract/index.ts';
import { listBackups, resolveBackupPath } from './maintenance/index.ts';
import type { Workspace } from './workspace.ts';

/** What the handlers use of the application. */
export interface HandlerDependencies {
  /** The open workspace. Throws the workspace error, or workspace_unavailable, if none is open. */
  getWorkspace(): Workspace;
  getState(): Promise<AppState>;
  switchTo(name: WorkspaceName): Promise<AppState>;
  /** The folder of the current workspace, also if it could not be opened. */
  getWorkspaceFolder(): string;
  restore(backup: string): Promise<AppState>;
  completeReview(restoredSequence: number): Promise<AppState>;
}

/** Creates one handler for each call of the contract. */
export function createHandlers(app: HandlerDependencies): CoreCallHandlers {
  const getWorkspace = () => app.getWorkspace();
  return {
    'app.getState': () => app.getState(),
    'workspace.open': ({ workspace }) => app.switchTo(workspace),

    'connections.list': async () => getWorkspace().connections.list(),
    'connections.add': async (input) => getWorkspace().connections.add(input),
    'connections.test': async ({ connectionId }) => getWorkspace().connections.test(connectionId),
    'connections.change': async (input) => getWorkspace().connections.change(input),
    'connections.replaceSecret': async (input) => getWorkspace().connections.replaceSecret(input),
    'connections.setWebhookSecret': async (input) => getWorkspace().connections.setWebhookSecret(input),
    'connections.deleteSecret': async (input) => getWorkspace().connections.deleteSecret(input),
    'connections.setLocked': async (input) => getWorkspace().connections.setLocked(input),
    'connections.remove': async ({ connectionId }) => {
      getWorkspace().feeds.assertNoFeed(connectionId);
      await getWorkspace().connections.remove(connectionId);
      return {};
    },

    'sessions.list': async (input) => getWorkspace().sessions.list(input),
    'sessions.count': async (input) => getWorkspace().sessions.count(input),
    'sessions.add': async (input) => getWorkspace().sessions.add(input),
    'sessions.applyWebhookEvent': async (input) => getWorkspace().sessions.applyWebhookEvent(input),
    'sessions.getDetails': async ({ sessionKey }) => getWorkspace().sessions.getDetails(sessionKey),
    'sessions.refresh': async ({ sessionKey }) => getWorkspace().sessions.refresh(sessionKey),
    'sessions.setNote': async (input) => getWorkspace().sessions.setNote(input),

    'exports.start': async (input) => getWorkspace().exports.start(input),
    'exports.wait': async ({ exportId }) => getWorkspace().exportRunner.wait(exportId),
    'exports.stop': async ({ exportId }) => getWorkspace().exportRunner.stop(exportId),

    'views.list': async () => getWorkspace().sessions.listViews(),
    'views.save': async (view) => getWorkspace().sessions.saveView(view),
    'views.remove': async ({ id }) => {
      await getWorkspace().sessions.removeView(id);
      return {};
    },

    'polling.getState': async () => getWorkspace().polling.getState(),
    'polling.change': async (input) => getWorkspace().polling.change(input),

    'feeds.list': async () => getWorkspace().feeds.list(),
    'feeds.add': async (input) => getWorkspace().feeds.add(input),
    'feeds.change': async (input) => getWorkspace().feeds.change(input),
    'feeds.replaceSecret': async (input) => getWorkspace().feeds.replaceSecret(input),
    'feeds.remove': async ({ feedId }) => {
      await getWorkspace().feeds.remove(feedId);
      return {};
    },
    'feeds.run': async ({ feedId }) => getWorkspace().feeds.run(feedId),

    'refreshes.start': async (input) => getWorkspace().refreshes.start(input),
    'refreshes.stop': async ({ refreshId }) => getWorkspace().refreshes.stop(refreshId),
    'refreshes.list': async () => getWorkspace().refreshes.list(),

    'imports.preview': async (input) => getWorkspace().imports.preview(input),
    'imports.start': async (input) => getWorkspace().imports.start(input),
    'imports.addChunk': async (input) => getWorkspace().imports.addChunk(input),
    'imports.finish': async (input) => getWorkspace().imports.finish(input),
    'imports.stop': async (input) => getWorkspace().imports.stop(input),
    'imports.listProblems': async (input) => getWorkspace().imports.listProblems(input),

    'cancellations.request': async (input) => getWorkspace().cancellations.request(input),
    'cancellations.check': async (input) => getWorkspace().cancellations.check(input),

    'batches.plan': async (input) => getWorkspace().batches.plans.createPlan(input),
    'batches.planRetry': async (input) => getWorkspace().batches.plans.createRetryPlan(input),
    'batches.list': async (input) => getWorkspace().batches.list(input),
    'batches.get': async ({ batchId }) => getWorkspace().batches.get(batchId),
    'batches.getSummary': async ({ batchId }) => getWorkspace().batches.getSummary(batchId),
    'batches.listItems': async (input) => getWorkspace().batches.results.listItems(input),
    'batches.refreshPlan': async ({ batchId }) => getWorkspace().batches.plans.refresh(batchId),
    'batches.discard': async ({ batchId }) => getWorkspace().batches.discard(batchId),
    'batches.confirm': async (input) => getWorkspace().batches.plans.confirm(input),
    'batches.abort': async ({ batchId }) => getWorkspace().batches.abort(batchId),
    'batches.pause': async ({ batchId }) => getWorkspace().batches.pause(batchId),
    'batches.resume': async ({ batchId }) => getWorkspace().batches.resume(batchId),
    'batches.stop': async ({ batchId }) => getWorkspace().batches.stop(batchId),
    'batches.resumeConnection': async ({ connectionId }) => {
      await getWorkspace().batches.runs.resumeConnection(connectionId);
      return getWorkspace().rateLimits.get(connectionId);
    },
    'batches.export': async (input) => getWorkspace().batches.results.export(input),

    'settings.get': async () => getWorkspace().settings.get(),
    'settings.change': async (input) => getWorkspace().settings.change(input),
    'diagnostics.collect': async () => getWorkspace().diagnostics.collect(),
    'diagnostics.write': async ({ diagnosticsId }) => getWorkspace().diagnostics.write(diagnosticsId),

    'rateLimits.list': async () => getWorkspace().rateLimits.list(),
    'rateLimits.change': async (input) => getWorkspace().rateLimits.change(input),

    'audit.list': async (input) => getWorkspace().audit.list(input),
    'audit.get': async ({ sequence }) => getWorkspace().audit.get(sequence),
    'audit.verify': async () => getWorkspace().audit.verify(),
    'audit.stopVerification': async () => {
      getWorkspace().audit.stopVerification();
      return {};
    },
    'audit.export': async (input) => getWorkspace().audit.export(input),
    'audit.countOutcomes': async (input) => getWorkspace().audit.countOutcomes(input),

    'backups.list': async () => listBackups(app.getWorkspaceFolder()),
    'backups.create': async () => getWorkspace().backups.create(),
    'backups.delete': async ({ name }) => {
      await getWorkspace().backups.delete(name);
      return {};
    },
    'backups.restore': async ({ name }) => app.restore(resolveBackupPath(app.getWorkspaceFolder(), name)),
    'backups.getReview': async () =>
      getWorkspace().restoreReviews.getReview(getWorkspace().connections, getWorkspace().feeds),
    'backups.completeReview': async ({ restoredSequence }) => app.completeReview(restoredSequence),
    'removals.countSessions': async (input) => getWorkspace().removals.countSessions(input),
    'removals.start': async (input) => getWorkspace().removals.start(input),
    'removals.list': async () => getWorkspace().removals.list(),
    'removals.undo': async ({ removalId }) => getWorkspace().removals.undo(removalId),
  };
}

/**
 * Wraps the handlers: a call that fails because its workspace was closed meanwhile rejects with workspace_unavailable.
 */
export function failWhenWorkspaceCloses(current: () => Workspace | null, handlers: CoreCallHandlers): CoreCallHandlers {
  type Handler = (input: unknown) => Promise<unknown>;
  return Object.fromEntries(
    (Object.entries(handlers) as [string, Handler][]).map(([name, handler]) => [
      name,
      async (input: unknown) => {
        const workspace = current();
        try {
          return await handler(input);
        } catch (error) {
          if (isAppError(error) || current() === workspace) throw error;
          throw new AppError('workspace_unavailable', createMessage('app.workspaceClosed'), { retryable: true });
        }
      },
    ]),
  ) as CoreCallHandlers;
}
