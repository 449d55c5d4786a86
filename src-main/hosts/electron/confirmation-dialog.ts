/** Asks the operator in a native dialog, which a page can neither draw nor answer. */
import { dialog } from 'electron';
import { assertNever } from '../../contract/index.ts';
import type { ConfirmInHost, HostConfirmation } from '../../core/index.ts';
import type { AppContext } from './app-context.ts';
import type { ConfirmationAction, Messages } from './translations/index.ts';

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
      const { message, detail, confirm, cancel } = createConfirmationPrompt(request, locale.messages);
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
export function createConfirmationPrompt(
  request: HostConfirmation,
  { confirmation: messages }: Pick<Messages, 'confirmation'>,
): ConfirmationPrompt {
  const { message, explanation, confirm } = messages.actions[selectAction(request)];
  const lines = describeRequest(request, messages).map(([label, value]) =>
    messages.field(messages.labels[label], value),
  );
  const detail = [lines.join('\n'), explanation, messages.warning].join('\n\n');
  return { message, detail, confirm, cancel: messages.cancel };
}

function selectAction(request: HostConfirmation): ConfirmationAction {
  switch (request.kind) {
    case 'new_destination':
      return request.subject === 'connection' ? 'connectionDestination' : 'feedDestination';
    case 'new_folder':
      return 'feedFolder';
    case 'secret_destination':
      return 'secretDestination';
    case 'restore_backup':
      return 'restoreBackup';
    case 'delete_backup':
      return 'deleteBackup';
    case 'production_batch':
      return 'productionBatch';
    default:
      return assertNever(request);
  }
}

type Labels = Messages['confirmation']['labels'];

function describeRequest(
  request: HostConfirmation,
  { count, unknown }: Messages['confirmation'],
): [label: keyof Labels, value: string][] {
  switch (request.kind) {
    case 'new_destination':
      return [
        ['name', cleanName(request.name)],
        ['address', cleanAddress(request.origin)],
      ];
    case 'new_folder':
      return [
        ['name', cleanName(request.name)],
        ['folder', cleanAddress(request.path)],
      ];
    case 'secret_destination':
      return [
        ['name', cleanName(request.name)],
        ['storedFor', request.storedFor === null ? unknown : cleanAddress(request.storedFor)],
        ['newAddress', cleanAddress(request.destination)],
      ];
    case 'restore_backup':
    case 'delete_backup':
      return [['backup', cleanName(request.name)]];
    case 'production_batch':
      return [
        ['sessions', count(request.sessions)],
        ['connections', joinNames(request.connections, count)],
      ];
    default:
      return assertNever(request);
  }
}

function joinNames(names: readonly string[], count: (value: number) => string): string {
  const shown = names.slice(0, maxNames).map(cleanName);
  return names.length > maxNames ? `${shown.join(', ')}, … (+${count(names.length - maxNames)})` : shown.join(', ');
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
