import { homedir } from 'node:os';
import { join } from 'node:path';

const folderName = 'Session Desk';

/**
 * Where the console keeps its files: the system's place for application data, so that both hosts find the same record.
 * SESSION_DESK_DATA names another folder.
 */
export function resolveDataFolder(
  environment: NodeJS.ProcessEnv,
  platform = process.platform,
  home = homedir(),
): string {
  const chosen = environment['SESSION_DESK_DATA'];
  if (chosen) return chosen;
  if (platform === 'win32') return join(environment['APPDATA'] ?? join(home, 'AppData', 'Roaming'), folderName, 'data');
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', folderName, 'data');
  return join(environment['XDG_DATA_HOME'] || join(home, '.local', 'share'), 'session-desk');
}
