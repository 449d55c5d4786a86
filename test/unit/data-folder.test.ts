import { expect, it } from 'vitest';
import { dataFolderOf } from '../../src-main/core/data-folder.ts';

it('keeps the data where each system keeps application data', () => {
  expect(dataFolderOf({}, 'linux', '/home/olivia')).toBe('/home/olivia/.local/share/session-desk');
  expect(dataFolderOf({ XDG_DATA_HOME: '/data' }, 'linux', '/home/olivia')).toBe('/data/session-desk');
  expect(dataFolderOf({}, 'darwin', '/Users/olivia')).toBe(
    '/Users/olivia/Library/Application Support/Session Desk/data',
  );
  expect(dataFolderOf({ APPDATA: '/roaming' }, 'win32', '/users/olivia')).toBe('/roaming/Session Desk/data');
});

it('keeps the data where it is told to', () => {
  expect(dataFolderOf({ SESSION_DESK_DATA: '/elsewhere' }, 'darwin', '/Users/olivia')).toBe('/elsewhere');
});
