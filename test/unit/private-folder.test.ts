import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ensurePrivateFolder, isOwnedByOtherUser, resolveDataFolder } from '../../src-main/core/private-folder.ts';

function createTempFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'private-folder-')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const modeOf = (path: string) => (statSync(path).mode & 0o7777).toString(8);
const expectRefusal = (folder: string, messageKey: string, path: string) => {
  const error = { code: 'folder_not_private', messageKey, params: { folder, path } };
  expect(() => ensurePrivateFolder(folder)).toThrow(expect.objectContaining(error));
};

describe('ensurePrivateFolder', () => {
  // Verifies F-01.
  it('private folder: a missing folder and the folders above it are created with mode 0700', () => {
    const folder = join(createTempFolder(), 'a', 'b');
    ensurePrivateFolder(folder);
    expect([modeOf(join(folder, '..')), modeOf(folder)]).toEqual(['700', '700']);
  });

  // Verifies F-01.
  it.each([0o777, 0o755, 0o770, 0o1777])('private folder: an existing folder with mode %o gets 0700', (mode) => {
    const folder = createTempFolder();
    chmodSync(folder, mode);
    ensurePrivateFolder(folder);
    expect(modeOf(folder)).toBe('700');
  });

  // Verifies F-01.
  it('private folder: a symbolic link of this user leads to a folder that gets 0700', () => {
    const parent = createTempFolder();
    const target = join(parent, 'target');
    mkdirSync(target);
    chmodSync(target, 0o777);
    symlinkSync(target, join(parent, 'link'));
    ensurePrivateFolder(join(parent, 'link'));
    expect(modeOf(target)).toBe('700');
  });

  it('private folder: a file in its place is an error of the file system', () => {
    const file = join(createTempFolder(), 'file');
    writeFileSync(file, '');
    expect(() => ensurePrivateFolder(file)).toThrow('EEXIST');
    expect(() => ensurePrivateFolder(join(file, 'below'))).toThrow('ENOTDIR');
  });

  // Verifies F-10.
  it('private folder: a folder above that every user can change is refused, unless it is sticky', () => {
    const parent = createTempFolder();
    const folder = join(parent, 'data');
    chmodSync(parent, 0o777);
    expectRefusal(folder, 'maintenance.folderOpenToAll', parent);
    expect(existsSync(folder)).toBe(false);
    mkdirSync(folder);
    expectRefusal(folder, 'maintenance.folderOpenToAll', parent);
    chmodSync(parent, 0o1777);
    ensurePrivateFolder(folder);
    expect(modeOf(folder)).toBe('700');
  });

  // Verifies F-10.
  it('private folder: a link to a folder below one that every user can change is refused', () => {
    const parent = createTempFolder();
    const open = join(parent, 'open');
    mkdirSync(join(open, 'target'), { recursive: true });
    chmodSync(open, 0o777);
    symlinkSync(join(open, 'target'), join(parent, 'link'));
    expectRefusal(join(parent, 'link'), 'maintenance.folderOpenToAll', open);
  });
});

// Only root can create files of another user.
if (process.getuid?.() === 0) {
  const otherUid = 65_534;

  describe('ensurePrivateFolder and other users', () => {
    // Verifies F-10.
    it('private folder: a folder of another user is refused, whatever its mode, and not changed', () => {
      for (const mode of [0o700, 0o777]) {
        const folder = createTempFolder();
        chmodSync(folder, mode);
        chownSync(folder, otherUid, otherUid);
        expectRefusal(folder, 'maintenance.folderOfOtherUser', folder);
        expect(modeOf(folder)).toBe(mode.toString(8));
      }
    });

    // Verifies F-10.
    it('private folder: a folder of another user above it is refused, and nothing is created in it', () => {
      const parent = createTempFolder();
      chownSync(parent, otherUid, otherUid);
      expectRefusal(join(parent, 'a', 'b'), 'maintenance.folderOfOtherUser', parent);
      expect(existsSync(join(parent, 'a'))).toBe(false);
    });

    // Verifies F-10.
    it('private folder: a symbolic link of another user is refused, also if the target belongs to this user', () => {
      const parent = createTempFolder();
      const target = join(parent, 'target');
      mkdirSync(target);
      const link = join(parent, 'link');
      symlinkSync(target, link);
      lchownSync(link, otherUid, otherUid);
      expectRefusal(link, 'maintenance.folderOfOtherUser', link);
    });

    // Verifies F-10.
    it('private folder: a process of another user refuses a folder of root that every user can change', () => {
      // The temporary folder of a test run can be closed to other users.
      const folder = mkdtempSync('/tmp/session-desk-open-');
      onTestFinished(() => rmSync(folder, { recursive: true }));
      chmodSync(folder, 0o777);
      // The child process loads the module as root and then becomes the other user.
      const script = `const { ensurePrivateFolder } = await import(${JSON.stringify(
        new URL('../../src-main/core/private-folder.ts', import.meta.url).href,
      )});
        process.setegid(${otherUid}); process.seteuid(${otherUid});
        try { ensurePrivateFolder(process.argv[1]); console.log('accepted'); }
        catch (error) { console.log(error.messageKey); }`;
      const output = execFileSync(process.execPath, ['--input-type=module-typescript', '--eval', script, folder], {
        encoding: 'utf8',
      });
      expect(output.trim()).toBe('maintenance.folderOfOtherUser');
      expect(modeOf(folder)).toBe('777');
    });

    it('isOwnedByOtherUser: is false for this user and true for another user', () => {
      expect(isOwnedByOtherUser({ uid: 0 })).toBe(false);
      expect(isOwnedByOtherUser({ uid: otherUid })).toBe(true);
    });
  });
}

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
