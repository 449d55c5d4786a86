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
    openPalette: 'Commands',
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
    showShortcuts: 'Keyboard Shortcuts',
  },
  notification: {
    needsAttention: (batch) => `Batch ${count(batch)} needs attention`,
    finished: (batch) => `Batch ${count(batch)} is finished`,
    stopped: (batch) => `Batch ${count(batch)} is stopped`,
    paused: (connection) => `${connection} is paused.`,
    recommendedActions: {
      replace_secret: 'Its secret is missing or was not accepted. Replace the secret.',
      unlock_keychain: 'The keychain is locked. Unlock it.',
      unlock_connection: 'The connection is locked. Unlock it.',
      check_network: 'The provider cannot be reached. Check the network.',
      ask_provider: 'The provider refuses the requests. Contact the provider.',
      free_disk: 'The disk is full. Free up disk space.',
      look_at_outcomes: 'Too many sessions failed. Review their outcomes.',
    },
    cancelled: (cancelled, eligible) =>
      `${count(cancelled)} of ${count(eligible)} ${plural(eligible, 'session', 'sessions')} cancelled.`,
    unknown: (sessions) => `The outcome of ${count(sessions)} ${plural(sessions, 'session', 'sessions')} is unknown.`,
  },
  quit: {
    message: (batches) =>
      `${plural(batches.length, 'Batch', 'Batches')} ${list(batches)} ` +
      `${plural(batches.length, 'is', 'are')} running. Quit anyway?`,
    detail: (remaining, batches) =>
      'Cancellations in progress are recorded, and nothing more is sent. ' +
      `${count(remaining)} ${plural(remaining, 'session is', 'sessions are')} still waiting. ` +
      `At the next start, ${plural(batches, 'the batch is', 'the batches are')} shown as interrupted. ` +
      'Nothing continues until you resume.',
    keepRunning: 'Keep running',
    quit: 'Quit',
  },
  confirmation: {
    cancel: 'Cancel',
    warning: 'If you did not start this yourself, choose Cancel.',
    field: (label, value) => `${label}: ${value}`,
    count,
    labels: {
      name: 'Name',
      address: 'Address',
      newAddress: 'New address',
      storedFor: 'Previous address',
      folder: 'Folder',
      backup: 'Backup',
      sessions: 'Sessions',
      connections: 'Connections',
    },
    unknown: 'not known',
    actions: {
      connectionDestination: {
        message: 'Allow a connection to use a new address?',
        explanation: 'Session Desk sends session IDs and the secret of the connection to this address.',
        confirm: 'Allow address',
      },
      feedDestination: {
        message: 'Allow a feed to use a new address?',
        explanation: 'Session Desk reads sessions from this address. If the feed has a secret, it is sent there.',
        confirm: 'Allow address',
      },
      feedFolder: {
        message: 'Allow a feed to read a folder?',
        explanation: 'Session Desk reads the files in this folder and imports sessions from them.',
        confirm: 'Allow folder',
      },
      secretDestination: {
        message: 'Send a secret to another address?',
        explanation: 'The stored secret is replaced. The new secret is sent to the new address.',
        confirm: 'Replace secret',
      },
      restoreBackup: {
        message: 'Restore a backup?',
        explanation:
          'Sessions, notes, batches and connections return to their state at that time. ' +
          'The current database is kept as a separate file.',
        confirm: 'Restore backup',
      },
      deleteBackup: {
        message: 'Delete a backup?',
        explanation: 'The backup cannot be restored after that.',
        confirm: 'Delete backup',
      },
      productionBatch: {
        message: 'Cancel real payment sessions?',
        explanation: 'The batch cancels production sessions of customers. A cancellation cannot be undone.',
        confirm: 'Start batch',
      },
    },
  },
  rendererCrashed: {
    message: 'The window stopped working and was reloaded.',
    detail: 'Nothing that was sent is lost. Cancellations run and are recorded outside the window.',
    button: 'Continue',
  },
  fatalError: {
    title: 'Session Desk has to close',
    body:
      'An unexpected problem occurred and Session Desk cannot continue. ' +
      'Everything that was already sent is recorded. ' +
      'Start Session Desk again. It then checks the status of unfinished cancellations with the provider. ' +
      'The file desk.log in the data folder shows where the problem occurred.',
  },
};
