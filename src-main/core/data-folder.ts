import { homedir } from 'node:os';
import { join } from 'node:path';

const folderName = 'Session Desk';

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
  if (platform === 'win32') return join(environment['APPDATA'] ?? join(home, 'AppData', 'Roaming'), folderName, 'data');
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', folderName, 'data');
  return join(environment['XDG_DATA_HOME'] || join(home, '.local', 'share'), 'session-desk');
}
