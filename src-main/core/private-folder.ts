/** The data folder, and folders that only their user can open. */
import { chmodSync, lstatSync, mkdirSync, realpathSync, statSync, type Stats } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, parse, resolve } from 'node:path';
import { AppError, createMessage } from '../contract/index.ts';

const othersWrite = 0o002;
const stickyBit = 0o1000;
const groupAndOthers = 0o077;

/**
 * The data folder: the operating system's folder for application data, so that both hosts use the same data. The
 * environment variable SESSION_DESK_DATA overrides it. env-paths would choose another folder on Windows (LOCALAPPDATA).
 */
export function resolveDataFolder(
  environment: NodeJS.ProcessEnv,
  platform = process.platform,
  home = homedir(),
): string {
  const override = environment['SESSION_DESK_DATA'];
  if (override) return override;
  if (platform === 'win32')
    return join(environment['APPDATA'] ?? join(home, 'AppData', 'Roaming'), 'Session Desk', 'data');
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Session Desk', 'data');
  return join(environment['XDG_DATA_HOME'] || join(home, '.local', 'share'), 'session-desk');
}

/**
 * Creates a folder with mode 0700, or removes the access of other users from an existing one. Throws folder_not_private
 * if another user owns the folder, a symbolic link to it or a folder above it, or if every user can rename it, because
 * that user could replace the files. Throws the error of the file system if the folder cannot be created.
 * On Windows the folder inherits the permissions of the folder above it, and nothing is checked.
 */
export function ensurePrivateFolder(folder: string): void {
  if (process.platform === 'win32') return void mkdirSync(folder, { recursive: true });
  const trustedUids = getTrustedUids();
  const assertAllTrusted = (paths: string[]) => paths.forEach((path) => assertTrusted(path, folder, trustedUids));
  assertAllTrusted(foldersAbove(resolve(folder)));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const target = realpathSync(folder);
  assertAllTrusted(foldersAbove(target));
  assertOwner(folder, lstatSync(folder), folder, trustedUids.own);
  const stats = statSync(target);
  assertOwner(target, stats, folder, trustedUids.own);
  if ((stats.mode & groupAndOthers) !== 0) chmodSync(target, 0o700);
}

/** Whether another user owns a file that this process would read or write. */
export function isOwnedByOtherUser({ uid }: Pick<Stats, 'uid'>): boolean {
  return process.platform !== 'win32' && !getTrustedUids().own.includes(uid);
}

interface TrustedUids {
  /** This user, and under sudo also the user who ran sudo. */
  readonly own: readonly number[];
  /** `own`, and the owner of the root folder: root, or the user that stands for root in a container. */
  readonly withSystem: readonly number[];
}

function getTrustedUids(): TrustedUids {
  const uid = process.geteuid?.() ?? 0;
  const sudoUid = Number(process.env['SUDO_UID']);
  const own = uid === 0 && sudoUid > 0 ? [uid, sudoUid] : [uid];
  return { own, withSystem: [...own, 0, statSync('/').uid] };
}

/** The paths of all folders that contain `path`. */
function foldersAbove(path: string): string[] {
  const parent = dirname(path);
  return parent === parse(path).root ? [parent] : [parent, ...foldersAbove(parent)];
}

function assertTrusted(path: string, folder: string, { withSystem }: TrustedUids): void {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return;
  assertOwner(path, stats, folder, withSystem);
  const canOthersRename = stats.isDirectory() && (stats.mode & othersWrite) !== 0 && (stats.mode & stickyBit) === 0;
  if (canOthersRename) {
    throw new AppError('folder_not_private', createMessage('maintenance.folderOpenToAll', { folder, path }), {
      details: { folder },
    });
  }
}

function assertOwner(path: string, { uid }: Stats, folder: string, uids: readonly number[]): void {
  if (uids.includes(uid)) return;
  throw new AppError('folder_not_private', createMessage('maintenance.folderOfOtherUser', { folder, path }), {
    details: { folder },
  });
}
