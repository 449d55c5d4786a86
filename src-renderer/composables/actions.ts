/**
 * Every act of the console, once: the palette, the keys, the keyboard help and the menus of the window all read it here. What an act does,
 * and whether it can be done now, is offered by whoever can do it: see stores/actions.ts.
 */
import type { MenuAct } from '../contract.ts';

/** In the order in which the palette and the help show them. */
export const groups = ['session', 'list', 'batches', 'add', 'connections', 'audit', 'go', 'looks', 'desk'] as const;
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
  exportSessions: { group: 'session' },

  searchSessions: { group: 'list', keys: '/' },
  showStatus: { group: 'list' },
  showView: { group: 'list' },
  saveView: { group: 'list', place: 'sessions' },
  clearFilter: { group: 'list' },
  selectAll: { group: 'list', keys: 'Mod+A', ownKeys: true },
  clearSelection: { group: 'list' },

  openBatch: { group: 'batches' },

  addSession: { group: 'add', keys: 'A', place: 'sessions' },
  importSessions: { group: 'add', place: 'sessions' },
  takeEvent: { group: 'add', place: 'sessions' },
  addConnection: { group: 'add' },
  addFeed: { group: 'add', place: 'connections' },

  testConnection: { group: 'connections' },
  lockConnection: { group: 'connections' },
  unlockConnection: { group: 'connections' },
  replaceSecret: { group: 'connections' },
  changePace: { group: 'connections' },
  runFeed: { group: 'connections' },

  verifyAudit: { group: 'audit', place: 'audit' },
  exportAudit: { group: 'audit', place: 'audit' },

  goSessions: { group: 'go' },
  goBatches: { group: 'go' },
  goAudit: { group: 'go' },
  goConnections: { group: 'go' },
  goSettings: { group: 'go' },

  setTheme: { group: 'looks' },
  setDensity: { group: 'looks' },

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
  dialog: { reason: 'A–Z', confirm: 'Enter', keep: 'Esc' },
  anywhere: { close: 'Esc', saveNote: 'Mod+Enter' },
} as const;

/** `event.key` of the keys that are written otherwise. */
const written: Readonly<Record<string, string>> = { Del: 'Delete' };

/** Whether these keys were pressed. A Mac's delete key is the others' Backspace. */
export function isPressed(keys: string, event: KeyboardEvent): boolean {
  const key = keys.replace('Mod+', '');
  const mod = event.ctrlKey || event.metaKey;
  if (event.altKey || mod !== keys.startsWith('Mod+')) return false;
  const wanted = written[key] ?? key;
  return event.key.toLowerCase() === wanted.toLowerCase() || (isMac && wanted === 'Delete' && event.key === 'Backspace');
}

export const isMac = typeof navigator === 'object' && /^Mac/.test(navigator.platform);

/** How well what was typed names an act: each of its words must be somewhere in the text, best at the start of a word. 0 is not at all. */
export function matchOf(text: string, typed: string): number {
  const low = text.toLowerCase();
  const starts = low.split(/[^\p{L}\p{N}]+/u);
  const scores = typed.toLowerCase().split(/\s+/).filter(Boolean).map((word) => {
    if (low.startsWith(word)) return 4;
    return starts.some((start) => start.startsWith(word)) ? 3 : Number(low.includes(word));
  });
  return scores.includes(0) ? 0 : scores.reduce((sum, score) => sum + score, 1);
}
