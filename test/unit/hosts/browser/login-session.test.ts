import { describe, expect, it } from 'vitest';
import { Door } from '../../../../src-main/hosts/browser/login-session.ts';

const cookieOf = (header: string | undefined) => header?.split(';')[0];

describe('the door', () => {
  // Keeps B-05.
  it('lets in who has the code, once', () => {
    const door = new Door(4711);
    const code = door.newCode();
    const cookie = cookieOf(door.enter(code));
    expect(cookie).toMatch(/^session_desk_4711=/);
    expect(door.admits(cookie)).toBe(true);
    expect(door.enter(code)).toBeUndefined();
    expect(door.admits(cookie)).toBe(true);
  });

  // Keeps B-06.
  it('finds its cookie among others, and takes no other', () => {
    const door = new Door(1);
    const cookie = cookieOf(door.enter(door.newCode())) ?? '';
    expect(door.admits(`a=b; ${cookie}; c=d`)).toBe(true);
    for (const other of [
      undefined,
      '',
      'session_desk_1=',
      'session_desk_1=guess',
      cookie.slice(0, -1),
      `${cookie}x`,
      cookie.replace('desk_1', 'desk_2'),
      `x${cookie}`,
    ]) {
      expect(door.admits(other), other).toBe(false);
    }
  });

  // Keeps B-05.
  it('lets nobody in before a code was traded', () => {
    const door = new Door(1);
    expect(door.enter('')).toBeUndefined();
    expect(door.admits('session_desk_1=')).toBe(false);
    expect(door.admits('session_desk_1=undefined')).toBe(false);
  });

  // Keeps B-08.
  it('takes the newest code alone, and shuts out the one before when it is used', () => {
    const door = new Door(1);
    const stale = door.newCode();
    const first = cookieOf(door.enter(door.newCode()));
    expect(door.enter(stale)).toBeUndefined();
    const code = door.newCode();
    expect(door.admits(first)).toBe(true);
    const second = cookieOf(door.enter(code));
    expect(door.admits(first)).toBe(false);
    expect(door.admits(second)).toBe(true);
  });
});
