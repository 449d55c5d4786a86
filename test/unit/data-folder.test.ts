import { expect, it } from 'vitest';
import { resolveDataFolder } from '../../src-main/core/data-folder.ts';

it('resolveDataFolder: returns the application data folder of each platform', () => {
  expect(resolveDataFolder({}, 'linux', '/home/olivia')).toBe('/home/olivia/.local/share/session-desk');
  expect(resolveDataFolder({ XDG_DATA_HOME: '/data' }, 'linux', '/home/olivia')).toBe('/data/session-desk');
  expect(resolveDataFolder({}, 'darwin', '/Users/olivia')).toBe(
    '/Users/olivia/Library/Application Support/Session Desk/data',
  );
  expect(resolveDataFolder({ APPDATA: '/roaming' }, 'win32', '/users/olivia')).toBe('/roaming/Session Desk/data');
});

it('resolveDataFolder: SESSION_DESK_DATA overrides the folder', () => {
  expect(resolveDataFolder({ SESSION_DESK_DATA: '/elsewhere' }, 'darwin', '/Users/olivia')).toBe('/elsewhere');
});
