/** What the window says in words of its own. A language that lacks one of them does not compile. */
import type { MenuAct, Remedy } from '../../../contract/index.ts';

/** What a menu has beside the acts of the contract: its heads, and what people expect in every program. */
type MenuWord =
  | MenuAct
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

export interface Words {
  readonly menu: Readonly<Record<MenuWord, string>>;
  readonly notice: {
    /** Titles; a batch is told by its number. */
    readonly stuck: (batch: number) => string;
    readonly finished: (batch: number) => string;
    readonly stopped: (batch: number) => string;
    readonly paused: (connection: string) => string;
    /** Words of the console's own: a provider's sentence, which may name a session, never becomes a notice. */
    readonly helps: Readonly<Record<Remedy, string>>;
    readonly cancelled: (cancelled: number, asked: number) => string;
    readonly unknown: (sessions: number) => string;
  };
  readonly quit: {
    readonly message: (batches: readonly number[]) => string;
    /** `left`: sessions that were not asked for yet. */
    readonly detail: (left: number, batches: number) => string;
    readonly keep: string;
    readonly quit: string;
  };
  /** The page crashed and is loaded again. */
  readonly reloaded: { readonly message: string; readonly detail: string; readonly act: string };
  readonly unforeseen: { readonly title: string; readonly body: string };
}
