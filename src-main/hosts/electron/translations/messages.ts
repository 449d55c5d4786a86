/** The native texts of the Electron host. A missing translation is a compile error. */
import type { MenuCommand, IssueAction } from '../../../contract/index.ts';

/** Labels of menus, commands and standard items. */
type MenuLabel =
  | MenuCommand
  | 'file'
  | 'edit'
  | 'view'
  | 'go'
  | 'window'
  | 'help'
  | 'about'
  | 'services'
  | 'hide'
  | 'hideOthers'
  | 'unhide'
  | 'quitProgram'
  | 'quit'
  | 'exit'
  | 'close'
  | 'undo'
  | 'redo'
  | 'cut'
  | 'copy'
  | 'paste'
  | 'selectAll'
  | 'reload'
  | 'toggleDevTools'
  | 'resetZoom'
  | 'zoomIn'
  | 'zoomOut'
  | 'togglefullscreen'
  | 'minimize'
  | 'zoom'
  | 'front';

/** The actions that the operator confirms in a native dialog. */
export type ConfirmationAction =
  | 'connectionDestination'
  | 'feedDestination'
  | 'feedFolder'
  | 'secretDestination'
  | 'restoreBackup'
  | 'deleteBackup'
  | 'productionBatch';

type ConfirmationLabel =
  'name' | 'address' | 'newAddress' | 'storedFor' | 'folder' | 'backup' | 'sessions' | 'connections';

export interface Messages {
  readonly menu: Readonly<Record<MenuLabel, string>>;
  readonly notification: {
    /** Titles; `batch` is the number of the batch. */
    readonly needsAttention: (batch: number) => string;
    readonly finished: (batch: number) => string;
    readonly stopped: (batch: number) => string;
    readonly paused: (connection: string) => string;
    /** Fixed texts, because a provider's message may name a session. */
    readonly recommendedActions: Readonly<Record<IssueAction, string>>;
    readonly cancelled: (cancelled: number, eligible: number) => string;
    readonly unknown: (sessions: number) => string;
  };
  readonly quit: {
    readonly message: (batches: readonly number[]) => string;
    /** `remaining`: sessions that are still waiting. */
    readonly detail: (remaining: number, batches: number) => string;
    readonly keepRunning: string;
    readonly quit: string;
  };
  readonly confirmation: {
    readonly cancel: string;
    /** Shown in every dialog. */
    readonly warning: string;
    /** A line of the details, e.g. `Name: Xendit ID`. */
    readonly field: (label: string, value: string) => string;
    readonly count: (value: number) => string;
    readonly labels: Readonly<Record<ConfirmationLabel, string>>;
    /** The destination of a secret that was stored without one. */
    readonly unknown: string;
    /** `confirm`: the label of the button. */
    readonly actions: Readonly<
      Record<ConfirmationAction, { readonly message: string; readonly explanation: string; readonly confirm: string }>
    >;
  };
  /** Shown after the renderer crashed and was reloaded. */
  readonly rendererCrashed: { readonly message: string; readonly detail: string; readonly button: string };
  readonly fatalError: { readonly title: string; readonly body: string };
}
