import { createFormatters } from './formatters.ts';
import type { Messages } from './messages.ts';

const { count, list, plural } = createFormatters('en');

export const english: Messages = {
  menu: {
    file: 'File',
    edit: 'Edit',
    view: 'View',
    go: 'Go',
    window: 'Window',
    help: 'Help',
    about: 'About Session Desk',
    services: 'Services',
    hide: 'Hide Session Desk',
    hideOthers: 'Hide Others',
    unhide: 'Show All',
    quitProgram: 'Quit Session Desk',
    quit: 'Quit',
    exit: 'Exit',
    close: 'Close Window',
    undo: 'Undo',
    redo: 'Redo',
    cut: 'Cut',
    copy: 'Copy',
    paste: 'Paste',
    selectAll: 'Select All',
    reload: 'Reload',
    toggleDevTools: 'Developer Tools',
    resetZoom: 'Actual Size',
    zoomIn: 'Zoom In',
    zoomOut: 'Zoom Out',
    togglefullscreen: 'Full Screen',
    minimize: 'Minimize',
    zoom: 'Zoom',
    front: 'Bring All to Front',
    openPalette: 'Command Palette',
    searchSessions: 'Search Sessions',
    addSession: 'Add Session…',
    importSessions: 'Import Sessions…',
    applyWebhookEvent: 'Apply a Webhook Event…',
    addConnection: 'Connect a Provider…',
    verifyAudit: 'Verify the Audit Log',
    exportAudit: 'Export the Audit Log…',
    goSessions: 'Sessions',
    goBatches: 'Batches',
    goAudit: 'Audit',
    goConnections: 'Connections',
    goSettings: 'Settings',
    showShortcuts: 'Keyboard',
  },
  notification: {
    needsAttention: (batch) => `Batch ${count(batch)} needs you`,
    finished: (batch) => `Batch ${count(batch)} is finished`,
    stopped: (batch) => `Batch ${count(batch)} is stopped`,
    paused: (connection) => `${connection} is paused.`,
    recommendedActions: {
      replace_secret: 'Its secret is not accepted: replace it.',
      unlock_keychain: 'The keychain is locked: unlock it.',
      unlock_connection: 'The connection is locked: unlock it.',
      check_network: 'The provider is not reached: check the network.',
      ask_provider: 'The provider refuses: ask what is wrong.',
      free_disk: 'The disk is full: free some space.',
      look_at_outcomes: 'Too many sessions failed: look at their outcomes.',
    },
    cancelled: (cancelled, eligible) =>
      `${count(cancelled)} of ${count(eligible)} ${plural(eligible, 'session', 'sessions')} cancelled.`,
    unknown: (sessions) => `The outcome of ${count(sessions)} is not known.`,
  },
  quit: {
    message: (batches) =>
      `${plural(batches.length, 'Batch', 'Batches')} ${list(batches)} ${plural(batches.length, 'is', 'are')} running. Quit all the same?`,
    detail: (remaining, batches) =>
      'What is under way is recorded, and nothing more is sent: ' +
      `${count(remaining)} ${plural(remaining, 'session is', 'sessions are')} still to be asked for. ` +
      `At the next start ${plural(batches, 'the batch is', 'the batches are')} shown as interrupted, and nothing goes on until you resume.`,
    keepRunning: 'Keep running',
    quit: 'Quit',
  },
  rendererCrashed: {
    message: 'The window stopped working and is loaded again.',
    detail: 'Nothing that was sent is lost: cancellations run and are recorded outside the window.',
    button: 'Continue',
  },
  fatalError: {
    title: 'Session Desk has to close',
    body:
      'It met a fault that it cannot carry on from. What was already sent is recorded; start it again and it reads back ' +
      'from the provider whatever was left open. The file desk.log in its data folder says where it happened.',
  },
};
