/** Asks the operator in a native dialog, which a page can neither draw nor answer. */
import { dialog } from 'electron';
import { assertNever } from '../../contract/index.ts';
import type { ConfirmInHost, HostConfirmation } from '../../core/index.ts';
import type { AppContext } from './app-context.ts';
import type { Locale, Texts } from './locale.ts';

export interface ConfirmationPrompt {
  readonly message: string;
  readonly detail: string;
  /** The label of the button that confirms. */
  readonly confirm: string;
  readonly cancel: string;
}

const maxNameLength = 80;
/** Longer than each valid origin. */
const maxAddressLength = 280;
const maxNames = 10;

/** Shows one dialog at a time. A request while a dialog is open, or without a window, is declined. */
export function createConfirmInHost(context: Pick<AppContext, 'window' | 'locale' | 'log'>): ConfirmInHost {
  let isOpen = false;
  return async (request) => {
    const { window, locale, log } = context;
    if (isOpen || window === undefined) {
      log.warn({ kind: request.kind, isOpen }, 'Confirmation declined without a dialog');
      return false;
    }
    isOpen = true;
    try {
      const { message, detail, confirm, cancel } = createConfirmationPrompt(request, locale);
      const { response } = await dialog.showMessageBox(window, {
        type: 'warning',
        message,
        detail,
        buttons: [cancel, confirm],
        defaultId: 0,
        cancelId: 0,
        noLink: true,
      });
      return response === 1;
    } finally {
      isOpen = false;
    }
  };
}

/** The texts of the dialog. Message and buttons contain no text from outside. */
export function createConfirmationPrompt(request: HostConfirmation, locale: Locale): ConfirmationPrompt {
  const texts = locale.texts.native.confirmation;
  const { message, explanation, confirm, fields } = describeRequest(request, locale.texts);
  const lines = fields.map(([label, value]) => locale.format(texts.field, { label, value }));
  const detail = [lines.join('\n'), explanation, texts.warning].join('\n\n');
  return { message, detail, confirm, cancel: texts.cancel };
}

/** What the dialog asks, the label of the button that confirms, and the lines that describe the request. */
function describeRequest(
  request: HostConfirmation,
  { native, nav, connections, feeds, secret, settings }: Texts,
): {
  message: string;
  explanation: string;
  confirm: string;
  fields: [label: string, value: string | number][];
} {
  const { actions, newAddress, previousAddress, unknown } = native.confirmation;
  switch (request.kind) {
    case 'new_destination':
      return {
        ...(request.subject === 'connection' ? actions.connectionDestination : actions.feedDestination),
        fields: [
          [connections.name, cleanName(request.name)],
          [connections.baseUrlChoice, cleanAddress(request.origin)],
        ],
      };
    case 'new_folder':
      return {
        ...actions.feedFolder,
        fields: [
          [connections.name, cleanName(request.name)],
          [feeds.path, cleanAddress(request.path)],
        ],
      };
    case 'secret_destination':
      return {
        ...actions.secretDestination,
        confirm: secret.replace,
        fields: [
          [connections.name, cleanName(request.name)],
          [previousAddress, request.storedFor === null ? unknown : cleanAddress(request.storedFor)],
          [newAddress, cleanAddress(request.destination)],
        ],
      };
    case 'restore_backup':
    case 'delete_backup': {
      const isRestore = request.kind === 'restore_backup';
      return {
        ...(isRestore ? actions.restoreBackup : actions.deleteBackup),
        confirm: settings.backupAction[isRestore ? 'restore' : 'delete'].submit,
        fields: [[settings.backupKind.backup, cleanName(request.name)]],
      };
    }
    case 'production_batch':
      return {
        ...actions.productionBatch,
        fields: [
          [nav.sessions, request.sessions],
          [nav.connections, joinNames(request.connections)],
        ],
      };
    default:
      return assertNever(request);
  }
}

function joinNames(names: readonly string[]): string {
  const shown = names.slice(0, maxNames).map(cleanName).join(', ');
  return names.length > maxNames ? `${shown}, … (+${names.length - maxNames})` : shown;
}

const cleanName = (text: string): string => cleanText(text, maxNameLength);
const cleanAddress = (text: string): string => cleanText(text, maxAddressLength);

/**
 * Removes line ends, control characters and invisible characters such as bidi overrides, which could hide or reorder a
 * part of the text. A long text is cut in the middle, because the end of a host name says who owns it.
 */
function cleanText(text: string, maxLength: number): string {
  const clean = Array.from(text.replaceAll(/[\p{C}\p{Z}]+/gu, ' ').trim());
  if (clean.length <= maxLength) return clean.join('');
  const half = Math.floor((maxLength - 1) / 2);
  return [...clean.slice(0, half), '…', ...clean.slice(-half)].join('');
}
