/**
 * Actions that a page alone must not start, because a page that was taken over could send their input. The host asks
 * the operator in a dialog that the page can neither draw nor answer. Names and texts come from outside; the host shows
 * them as plain text.
 */
import { AppError, createMessage } from '../contract/index.ts';

export type HostConfirmation =
  /** A connection or a feed sends requests to an origin to which nothing was sent before. */
  | {
      readonly kind: 'new_destination';
      readonly subject: 'connection' | 'feed';
      readonly name: string;
      readonly origin: string;
    }
  /** A feed reads the files of a folder. */
  | { readonly kind: 'new_folder'; readonly name: string; readonly path: string }
  /** A secret replaces one that was stored for another destination; null if that destination is not known. */
  | {
      readonly kind: 'secret_destination';
      readonly name: string;
      readonly storedFor: string | null;
      readonly destination: string;
    }
  | { readonly kind: 'restore_backup'; readonly name: string }
  | { readonly kind: 'delete_backup'; readonly name: string }
  /** A production batch with at least as many sessions as the operator must type. */
  | { readonly kind: 'production_batch'; readonly sessions: number; readonly connections: readonly string[] };

/** Resolves with whether the operator confirmed. */
export type ConfirmInHost = (request: HostConfirmation) => Promise<boolean>;

/** Throws confirmation_declined if the operator does not confirm. null: the host cannot ask outside the page. */
export async function requireConfirmation(
  confirmInHost: ConfirmInHost | null,
  request: HostConfirmation,
): Promise<void> {
  if (confirmInHost === null || (await confirmInHost(request))) return;
  throw new AppError('confirmation_declined', createMessage('app.confirmationDeclined'));
}
