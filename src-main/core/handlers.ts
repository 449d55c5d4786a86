import type { DeskState, Handlers, WorkspaceName } from '../contract/index.ts';
import { listBackups, pathOfBackup } from './upkeep/index.ts';
import type { Workspace } from './workspace.ts';

export interface HandlerParts {
  /** The open workspace; throws what keeps it from being open. */
  workspace(): Workspace;
  state(): Promise<DeskState>;
  switchTo(name: WorkspaceName): Promise<DeskState>;
  /** The folder of the workspace that is open, or that could not be opened. */
  folder(): string;
  restore(backup: string): Promise<DeskState>;
}

/** One function of core for each call of the contract. */
export function handlersFor({ workspace, state, switchTo, folder, restore }: HandlerParts): Handlers {
  return {
    'desk.state': () => state(),
    'workspace.open': ({ workspace: name }) => switchTo(name),

    'connections.list': async () => workspace().connections.list(),
    'connections.add': async (input) => workspace().connections.add(input),
    'connections.test': async ({ connectionId }) => workspace().connections.test(connectionId, workspace().closing),
    'connections.replaceSecret': async (input) => workspace().connections.replaceSecret(input),
    'connections.setEventSecret': async (input) => workspace().connections.setEventSecret(input),
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

    'exports.start': async (input) => workspace().exports.start(input),
    'exports.wait': async ({ exportId }) => workspace().exports.wait(exportId),
    'exports.stop': async ({ exportId }) => workspace().exports.stop(exportId),

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

    'audit.page': async (input) => workspace().store.run('auditPage', input),
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
    'sessions.removeOld': async (input) => workspace().upkeep.removeOldSessions(input),
  };
}
