import { expect, it } from 'vitest';
import { resolveDataFolder } from '../../src-main/core/data-folder.ts';

it('keeps the data where each system keeps application data', () => {
  expect(resolveDataFolder({}, 'linux', '/home/olivia')).toBe('/home/olivia/.local/share/session-desk');
  expect(resolveDataFolder({ XDG_DATA_HOME: '/data' }, 'linux', '/home/olivia')).toBe('/data/session-desk');
  expect(resolveDataFolder({}, 'darwin', '/Users/olivia')).toBe(
    '/Users/olivia/Library/Application Support/Session Desk/data',
  );
  expect(resolveDataFolder({ APPDATA: '/roaming' }, 'win32', '/users/olivia')).toBe('/roaming/Session Desk/data');
});

it('keeps the data where it is told to', () => {
  expect(resolveDataFolder({ SESSION_DESK_DATA: '/elsewhere' }, 'darwin', '/Users/olivia')).toBe('/elsewhere');
});
