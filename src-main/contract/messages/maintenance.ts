/** Texts about the workspace's database, backups, removals, diagnostics and the verification of the audit log. */
import { joinText } from './join-text.ts';

export const maintenance = {
  alreadyRunning:
    'Session Desk is already open with this data folder. Use the window that is open, or close it and try again.',
  backupInvalid:
    '{name} is not a backup that this version of Session Desk can restore. Nothing was changed. Select another backup.',
  backupNotFound: 'The backup {name} does not exist in {folder}. Reload the list of backups.',
  databaseDamaged: joinText(
    'The database in {folder} is damaged. Session Desk did not open it and did not change it. Replace ',
    'desk.sqlite with a backup, or move the file to another folder to start with an empty database.',
  ),
  /** `objects` are names of tables, indices, triggers and views. */
  databaseSchemaUnexpected: joinText(
    'The database in {folder} contains parts that Session Desk did not create, or lacks some: {objects}. ',
    'Session Desk did not open it and did not change it. Replace desk.sqlite with a backup, or move the file to ',
    'another folder to start with an empty database.',
  ),
  /** `found` and `supported` are format numbers. */
  databaseVersionUnsupported: joinText(
    'A newer version of Session Desk wrote the database in {folder} (format {found}; this version ',
    'supports up to format {supported}). Nothing was changed. Install the newer version.',
  ),
  diagnosticsDiskFull:
    'The diagnostics bundle could not be saved in {folder} because the disk is full. Free some space, then try again.',
  diagnosticsNotWritable:
    'The diagnostics bundle could not be saved in {folder}. Check the permissions of this folder, then try again.',
  diagnosticsOutdated:
    'This diagnostics bundle is no longer current. Create the bundle again, review it, then save it.',
  diskFull: 'The disk that holds {folder} is full. No saved record was lost. Free some space, then try again.',
  /** `path`: `folder`, a link to it, or a folder above it. */
  folderOfOtherUser: joinText(
    'Session Desk does not use {folder}, because {path} belongs to another user of this computer, who could ',
    'replace the files. Nothing was written. Make your user account the owner of {path}, or set SESSION_DESK_DATA ',
    'to another folder.',
  ),
  folderOpenToAll: joinText(
    'Session Desk does not use {folder}, because every user of this computer can change {path} and so replace ',
    'the files. Remove the write permission of other users from {path}, or set SESSION_DESK_DATA to another folder.',
  ),
  folderNotWritable:
    'Session Desk cannot write to {folder}. Give your user account write permission for this folder, then try again.',
  removalNotFound:
    'These sessions cannot be restored. They were already restored, or more than {hours} hours have passed.',
  restoreNotReviewed: joinText(
    'A backup was restored. Nothing is sent until you have reviewed its connections and feeds. Open the review ',
    'at the top of the window.',
  ),
  restoreReviewOutdated: 'This review is no longer current. Open it again.',
  verificationRunning: 'The audit log is already being verified. Wait for the result, or stop the verification.',
} as const;
