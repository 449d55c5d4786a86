/**
 * All commands: the command palette, the keyboard shortcuts, their help and the application menu use this list.
 * Handlers are registered in stores/commands.ts.
 */
import type { MenuCommand } from './contract.ts';

/** In the order of the palette and the help. */
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
  /** E.g. `Mod+K`. Mod is Cmd on macOS, else Ctrl. */
  readonly shortcut?: string;
  /** The focused component handles the shortcut, not the window. */
  readonly hasScopedShortcut?: true;
  /** The shortcut also works while the focus is in a text field. */
  readonly worksWhileTyping?: true;
  /** The view that has the command. From another view, the command opens it first. */
  readonly view?: 'sessions' | 'audit' | 'connections';
  /** Not listed in the palette. */
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
  abortBatch: { group: 'batches' },
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
  toggleHiddenFromRecordings: { group: 'settings' },
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

/** Navigation keys of focused components. They are not commands; the help lists them. */
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

/**
 * Whether the shortcut is a single character, which dictation can trigger by mistake (WCAG 2.1.4). It can be turned
 * off.
 */
export function isSingleKey(shortcut: string): boolean {
  return shortcut.length === 1;
}

/** `event.key` of the keys whose name in a shortcut differs. */
const eventKeyNames: Readonly<Record<string, string>> = { Del: 'Delete' };

/** Whether the event is this shortcut. The delete key of a Mac keyboard reports Backspace. */
export function matchesShortcut(shortcut: string, event: KeyboardEvent): boolean {
  const key = shortcut.replace('Mod+', '');
  const mod = event.ctrlKey || event.metaKey;
  if (event.altKey || mod !== shortcut.startsWith('Mod+')) return false;
  const eventKey = eventKeyNames[key] ?? key;
  return (
    event.key.toLowerCase() === eventKey.toLowerCase() || (isMac && eventKey === 'Delete' && event.key === 'Backspace')
  );
}

export const isMac = typeof navigator === 'object' && /^Mac/.test(navigator.platform);

/**
 * How well `input` matches a command's text. Each word of the input must occur in the text; a match at the start or of
 * a whole word scores higher. 0: no match.
 */
export function matchScore(text: string, input: string): number {
  const lowerText = text.toLowerCase();
  const textWords = lowerText.split(/[^\p{L}\p{N}]+/u);
  const scores = input
    .toLowerCase()
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => {
      if (lowerText.startsWith(word)) return 4;
      if (textWords.includes(word)) return 3;
      return textWords.some((textWord) => textWord.startsWith(word)) ? 2 : Number(lowerText.includes(word));
    });
  return scores.includes(0) ? 0 : scores.reduce((sum, score) => sum + score, 1);
}
