import { describe, expect, it } from 'vitest';
import { startFailure, windowObjection } from '../../../src-main/hosts/select-host.ts';

const display = { DISPLAY: ':0' };

describe('whether npm start opens a window', () => {
  it('does for a person at a screen', () => {
    expect(windowObjection({ platform: 'linux', userId: 1000, env: display }, false)).toBeUndefined();
    expect(
      windowObjection({ platform: 'linux', userId: 1000, env: { WAYLAND_DISPLAY: 'wayland-0' } }, false),
    ).toBeUndefined();
    expect(windowObjection({ platform: 'darwin', userId: 501, env: {} }, false)).toBeUndefined();
    expect(windowObjection({ platform: 'win32', userId: undefined, env: {} }, false)).toBeUndefined();
  });

  it('does not where the browser was asked for', () => {
    expect(windowObjection({ platform: 'darwin', userId: 501, env: {} }, true)).toBe('you asked for it');
  });

  it('does not without a display', () => {
    expect(windowObjection({ platform: 'linux', userId: 1000, env: { DISPLAY: '' } }, false)).toContain('no display');
  });

  it('does not as root, because a window without the sandbox is no answer', () => {
    expect(windowObjection({ platform: 'linux', userId: 0, env: display }, false)).toContain('root');
  });
});

describe('whether Electron could run at all', () => {
  it('could not where it crashed or missed a library at once', () => {
    expect(startFailure({ code: null, signal: 'SIGTRAP', afterMs: 200 })).toContain('SIGTRAP');
    expect(startFailure({ code: 127, signal: null, afterMs: 20 })).toContain('library');
  });

  it('could where it ended later, or as it was told to', () => {
    expect(startFailure({ code: null, signal: 'SIGSEGV', afterMs: 60_000 })).toBeUndefined();
    expect(startFailure({ code: 0, signal: null, afterMs: 200 })).toBeUndefined();
    expect(startFailure({ code: 1, signal: null, afterMs: 200 })).toBeUndefined();
    expect(startFailure({ code: null, signal: 'SIGTERM', afterMs: 200 })).toBeUndefined();
  });
});
