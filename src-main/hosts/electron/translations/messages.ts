/** What the window says in words of its own. A language that lacks one of them does not compile. */
import type { MenuCommand, IssueAction } from '../../../contract/index.ts';

/** What a menu has beside the acts of the contract: its heads, and what people expect in every program. */
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

export interface Messages {
  readonly menu: Readonly<Record<MenuLabel, string>>;
  readonly notification: {
    /** Titles; a batch is told by its number. */
    readonly needsAttention: (batch: number) => string;
    readonly finished: (batch: number) => string;
    readonly stopped: (batch: number) => string;
    readonly paused: (connection: string) => string;
    /** Words of the console's own: a provider's sentence, which may name a session, never becomes a notice. */
    readonly recommendedActions: Readonly<Record<IssueAction, string>>;
    readonly cancelled: (cancelled: number, eligible: number) => string;
    readonly unknown: (sessions: number) => string;
  };
  readonly quit: {
    readonly message: (batches: readonly number[]) => string;
    /** `remaining`: sessions that were not asked for yet. */
    readonly detail: (remaining: number, batches: number) => string;
    readonly keepRunning: string;
    readonly quit: string;
  };
  /** The page crashed and is loaded again. */
  readonly rendererCrashed: { readonly message: string; readonly detail: string; readonly button: string };
  readonly fatalError: { readonly title: string; readonly body: string };
}
