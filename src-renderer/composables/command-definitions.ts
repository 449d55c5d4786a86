/**
 * Every act of the console, once: the palette, the keys, the keyboard help and the menus of the window all read it here. What an act does,
 * and whether it can be done now, is offered by whoever can do it: see stores/actions.ts.
 */
import type { MenuCommand } from '../contract.ts';

/** In the order in which the palette and the help show them. */
export const commandGroups = [
  'session',
  'list',
  'batches',
  'add',
  'connections',
  'audit',
  'navigation',
  'appearance',
  'settings',
  'app',
] as const;
export type CommandGroup = (typeof commandGroups)[number];

export interface Command {
  readonly group: CommandGroup;
  /** As pressed, e.g. `Mod+K`: Mod is Cmd on a Mac, else Ctrl. */
  readonly shortcut?: string;
  /** Whoever has the focus hears these keys, not the window as a whole. */
  readonly hasScopedShortcut?: true;
  /** Also heard while someone types. */
  readonly worksWhileTyping?: true;
  /** Where it can be done; from elsewhere it leads there first. */
  readonly view?: 'sessions' | 'audit' | 'connections';
  /** It is no use to find it in the palette. */
  readonly isHidden?: true;
}

export const commands = {
  cancelSession: { group: 'session', shortcut: 'Del' },
  refreshSession: { group: 'session', shortcut: 'R' },
  writeNote: { group: 'session', shortcut: 'N' },
  watchSession: { group: 'session', shortcut: 'W' },
  copyId: { group: 'session', shortcut: 'C' },
  copyReference: { group: 'session' },
  showUnmaskedId: { group: 'session' },
  checkUnknownOutcome: { group: 'session' },
  showAuditRecords: { group: 'session' },
  exportSessions: { group: 'session' },

  searchSessions: { group: 'list', shortcut: '/' },
  showStatus: { group: 'list' },
  showView: { group: 'list' },
  saveView: { group: 'list', view: 'sessions' },
  removeView: { group: 'list' },
  filterBy: { group: 'list' },
  filterRange: { group: 'list', view: 'sessions' },
  removeFilter: { group: 'list' },
  clearFilter: { group: 'list' },
  sortBy: { group: 'list' },
  showColumn: { group: 'list' },
  hideColumn: { group: 'list' },
  resetColumns: { group: 'list' },
  selectAll: { group: 'list', shortcut: 'Mod+A', hasScopedShortcut: true },
  clearSelection: { group: 'list' },

  openBatch: { group: 'batches' },
  confirmPlan: { group: 'batches' },
  discardPlan: { group: 'batches' },
  refreshPlan: { group: 'batches' },
  callOffBatch: { group: 'batches' },
  pauseBatch: { group: 'batches' },
  resumeBatch: { group: 'batches' },
  stopBatch: { group: 'batches' },
  retryUnknown: { group: 'batches' },
  retryFailed: { group: 'batches' },
  exportBatch: { group: 'batches' },

  addSession: { group: 'add', shortcut: 'A', view: 'sessions' },
  importSessions: { group: 'add', view: 'sessions' },
  applyWebhookEvent: { group: 'add', view: 'sessions' },
  addConnection: { group: 'add' },
  addFeed: { group: 'add', view: 'connections' },

  testConnection: { group: 'connections' },
  lockConnection: { group: 'connections' },
  unlockConnection: { group: 'connections' },
  replaceSecret: { group: 'connections' },
  setWebhookSecret: { group: 'connections' },
  changeRateLimit: { group: 'connections' },
  removeConnection: { group: 'connections' },
  runFeed: { group: 'connections' },
  changeFeed: { group: 'connections' },
  replaceFeedSecret: { group: 'connections' },
  removeFeed: { group: 'connections' },

  verifyAudit: { group: 'audit', view: 'audit' },
  exportAudit: { group: 'audit', view: 'audit' },
  filterAudit: { group: 'audit', view: 'audit' },

  goSessions: { group: 'navigation' },
  goBatches: { group: 'navigation' },
  goAudit: { group: 'navigation' },
  goConnections: { group: 'navigation' },
  goSettings: { group: 'navigation' },

  setTheme: { group: 'appearance' },
  setDensity: { group: 'appearance' },
  setLanguage: { group: 'appearance' },

  changeOperatorName: { group: 'settings' },
  changeReasons: { group: 'settings' },
  changeConfirmation: { group: 'settings' },
  toggleSingleKeyShortcuts: { group: 'settings' },
  createBackup: { group: 'settings' },
  restoreBackup: { group: 'settings' },
  removeOldSessions: { group: 'settings' },
  undoSessionRemoval: { group: 'settings' },
  collectDiagnostics: { group: 'settings' },
  showAbout: { group: 'settings' },

  openPalette: { group: 'app', shortcut: 'Mod+K', worksWhileTyping: true, isHidden: true },
  openPractice: { group: 'app' },
  leavePractice: { group: 'app' },
  showShortcuts: { group: 'app', shortcut: '?' },
} as const satisfies Record<string, Command> & Record<MenuCommand, Command>;

export type CommandId = keyof typeof commands;
export const commandIds = Object.keys(commands) as CommandId[];

export function getCommand(id: CommandId): Command {
  return commands[id];
}

/** Keys that move about and belong to whatever has the focus: no acts, but part of the help. */
export const navigationKeys = {
  list: {
    move: '↑+↓',
    page: 'PgUp+PgDn',
    firstLast: 'Home+End',
    open: 'Enter',
    select: 'Space',
    selectRange: 'Shift+↓',
  },
  columnHeader: { resize: 'Alt+→', reorder: 'Alt+Shift+→' },
  dialog: { reason: 'A–Z', confirm: 'Enter', closeDialog: 'Esc' },
  global: { close: 'Esc', saveNote: 'Mod+Enter' },
} as const;

/** Whether it is one character pressed alone: what is dictated or typed by mistake would press it, so that it can be turned off. */
export function isSingleKey(shortcut: string): boolean {
  return shortcut.length === 1;
}

/** `event.key` of the keys that are written otherwise. */
const eventKeyNames: Readonly<Record<string, string>> = { Del: 'Delete' };

/** Whether these keys were pressed. A Mac's delete key is the others' Backspace. */
export function matchesShortcut(shortcut: string, event: KeyboardEvent): boolean {
  const key = shortcut.replace('Mod+', '');
  const mod = event.ctrlKey || event.metaKey;
  if (event.altKey || mod !== shortcut.startsWith('Mod+')) return false;
  const wanted = eventKeyNames[key] ?? key;
  return (
    event.key.toLowerCase() === wanted.toLowerCase() || (isMac && wanted === 'Delete' && event.key === 'Backspace')
  );
}

export const isMac = typeof navigator === 'object' && /^Mac/.test(navigator.platform);

/** How well what was typed names an act: each of its words must be somewhere in the text, best at its start or as a whole word. 0 is not at all. */
export function matchScore(text: string, input: string): number {
  const low = text.toLowerCase();
  const starts = low.split(/[^\p{L}\p{N}]+/u);
  const scores = input
    .toLowerCase()
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => {
      if (low.startsWith(word)) return 4;
      if (starts.includes(word)) return 3;
      return starts.some((start) => start.startsWith(word)) ? 2 : Number(low.includes(word));
    });
  return scores.includes(0) ? 0 : scores.reduce((sum, score) => sum + score, 1);
}
