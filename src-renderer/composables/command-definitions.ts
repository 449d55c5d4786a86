/**
 * Every act of the console, once: the palette, the keys, the keyboard help and the menus of the window all read it here. What an act does,
 * and whether it can be done now, is offered by whoever can do it: see stores/actions.ts.
 */
import type { MenuAct } from '../contract.ts';

/** In the order in which the palette and the help show them. */
export const groups = [
  'session',
  'list',
  'batches',
  'add',
  'connections',
  'audit',
  'go',
  'looks',
  'settings',
  'desk',
] as const;
export type Group = (typeof groups)[number];

export interface Act {
  readonly group: Group;
  /** As pressed, e.g. `Mod+K`: Mod is Cmd on a Mac, else Ctrl. */
  readonly keys?: string;
  /** Whoever has the focus hears these keys, not the window as a whole. */
  readonly ownKeys?: true;
  /** Also heard while someone types. */
  readonly whileTyping?: true;
  /** Where it can be done; from elsewhere it leads there first. */
  readonly place?: 'sessions' | 'audit' | 'connections';
  /** It is no use to find it in the palette. */
  readonly hidden?: true;
}

export const acts = {
  cancelSession: { group: 'session', keys: 'Del' },
  refreshSession: { group: 'session', keys: 'R' },
  writeNote: { group: 'session', keys: 'N' },
  watchSession: { group: 'session', keys: 'W' },
  copyId: { group: 'session', keys: 'C' },
  copyReference: { group: 'session' },
  showWholeId: { group: 'session' },
  checkUnknown: { group: 'session' },
  showRecords: { group: 'session' },
  exportSessions: { group: 'session' },

  searchSessions: { group: 'list', keys: '/' },
  showStatus: { group: 'list' },
  showView: { group: 'list' },
  saveView: { group: 'list', place: 'sessions' },
  removeView: { group: 'list' },
  filterBy: { group: 'list' },
  filterRange: { group: 'list', place: 'sessions' },
  removeFilter: { group: 'list' },
  clearFilter: { group: 'list' },
  sortBy: { group: 'list' },
  showColumn: { group: 'list' },
  hideColumn: { group: 'list' },
  resetColumns: { group: 'list' },
  selectAll: { group: 'list', keys: 'Mod+A', ownKeys: true },
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

  addSession: { group: 'add', keys: 'A', place: 'sessions' },
  importSessions: { group: 'add', place: 'sessions' },
  takeEvent: { group: 'add', place: 'sessions' },
  addConnection: { group: 'add' },
  addFeed: { group: 'add', place: 'connections' },

  testConnection: { group: 'connections' },
  lockConnection: { group: 'connections' },
  unlockConnection: { group: 'connections' },
  replaceSecret: { group: 'connections' },
  storeEventSecret: { group: 'connections' },
  changePace: { group: 'connections' },
  removeConnection: { group: 'connections' },
  runFeed: { group: 'connections' },
  changeFeed: { group: 'connections' },
  replaceFeedSecret: { group: 'connections' },
  removeFeed: { group: 'connections' },

  verifyAudit: { group: 'audit', place: 'audit' },
  exportAudit: { group: 'audit', place: 'audit' },
  filterAudit: { group: 'audit', place: 'audit' },

  goSessions: { group: 'go' },
  goBatches: { group: 'go' },
  goAudit: { group: 'go' },
  goConnections: { group: 'go' },
  goSettings: { group: 'go' },

  setTheme: { group: 'looks' },
  setDensity: { group: 'looks' },
  setLanguage: { group: 'looks' },

  changeName: { group: 'settings' },
  changeReasons: { group: 'settings' },
  changeCare: { group: 'settings' },
  setSingleKeys: { group: 'settings' },
  backUp: { group: 'settings' },
  restoreBackup: { group: 'settings' },
  removeOld: { group: 'settings' },
  undoRemoval: { group: 'settings' },
  gatherDiagnostics: { group: 'settings' },
  showAbout: { group: 'settings' },

  openPalette: { group: 'desk', keys: 'Mod+K', whileTyping: true, hidden: true },
  openPractice: { group: 'desk' },
  leavePractice: { group: 'desk' },
  showKeys: { group: 'desk', keys: '?' },
} as const satisfies Record<string, Act> & Record<MenuAct, Act>;

export type ActId = keyof typeof acts;
export const actIds = Object.keys(acts) as ActId[];

export function actOf(id: ActId): Act {
  return acts[id];
}

/** Keys that move about and belong to whatever has the focus: no acts, but part of the help. */
export const moves = {
  list: { move: '↑+↓', page: 'PgUp+PgDn', ends: 'Home+End', open: 'Enter', select: 'Space', selectRange: 'Shift+↓' },
  heads: { size: 'Alt+→', order: 'Alt+Shift+→' },
  dialog: { reason: 'A–Z', confirm: 'Enter', keep: 'Esc' },
  anywhere: { close: 'Esc', saveNote: 'Mod+Enter' },
} as const;

/** Whether it is one character pressed alone: what is dictated or typed by mistake would press it, so that it can be turned off. */
export function isSingle(keys: string): boolean {
  return keys.length === 1;
}

/** `event.key` of the keys that are written otherwise. */
const written: Readonly<Record<string, string>> = { Del: 'Delete' };

/** Whether these keys were pressed. A Mac's delete key is the others' Backspace. */
export function isPressed(keys: string, event: KeyboardEvent): boolean {
  const key = keys.replace('Mod+', '');
  const mod = event.ctrlKey || event.metaKey;
  if (event.altKey || mod !== keys.startsWith('Mod+')) return false;
  const wanted = written[key] ?? key;
  return (
    event.key.toLowerCase() === wanted.toLowerCase() || (isMac && wanted === 'Delete' && event.key === 'Backspace')
  );
}

export const isMac = typeof navigator === 'object' && /^Mac/.test(navigator.platform);

/** How well what was typed names an act: each of its words must be somewhere in the text, best at its start or as a whole word. 0 is not at all. */
export function matchOf(text: string, typed: string): number {
  const low = text.toLowerCase();
  const starts = low.split(/[^\p{L}\p{N}]+/u);
  const scores = typed
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
