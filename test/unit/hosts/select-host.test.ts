import { describe, expect, it } from 'vitest';
import { getStartFailureReason, getWindowUnavailableReason } from '../../../src-main/hosts/select-host.ts';

const display = { DISPLAY: ':0' };

describe('whether npm start opens a window', () => {
  it('does for a person at a screen', () => {
    expect(getWindowUnavailableReason({ platform: 'linux', userId: 1000, env: display }, false)).toBeUndefined();
    expect(
      getWindowUnavailableReason({ platform: 'linux', userId: 1000, env: { WAYLAND_DISPLAY: 'wayland-0' } }, false),
    ).toBeUndefined();
    expect(getWindowUnavailableReason({ platform: 'darwin', userId: 501, env: {} }, false)).toBeUndefined();
    expect(getWindowUnavailableReason({ platform: 'win32', userId: undefined, env: {} }, false)).toBeUndefined();
  });

  it('does not where the browser was asked for', () => {
    expect(getWindowUnavailableReason({ platform: 'darwin', userId: 501, env: {} }, true)).toBe('you asked for it');
  });

  it('does not without a display', () => {
    expect(getWindowUnavailableReason({ platform: 'linux', userId: 1000, env: { DISPLAY: '' } }, false)).toContain(
      'no display',
    );
  });

  it('does not as root, because a window without the sandbox is no answer', () => {
    expect(getWindowUnavailableReason({ platform: 'linux', userId: 0, env: display }, false)).toContain('root');
  });
});

describe('whether Electron could run at all', () => {
  it('could not where it crashed or missed a library at once', () => {
    expect(getStartFailureReason({ code: null, signal: 'SIGTRAP', uptimeMs: 200 })).toContain('SIGTRAP');
    expect(getStartFailureReason({ code: 127, signal: null, uptimeMs: 20 })).toContain('library');
  });

  it('could where it ended later, or as it was told to', () => {
    expect(getStartFailureReason({ code: null, signal: 'SIGSEGV', uptimeMs: 60_000 })).toBeUndefined();
    expect(getStartFailureReason({ code: 0, signal: null, uptimeMs: 200 })).toBeUndefined();
    expect(getStartFailureReason({ code: 1, signal: null, uptimeMs: 200 })).toBeUndefined();
    expect(getStartFailureReason({ code: null, signal: 'SIGTERM', uptimeMs: 200 })).toBeUndefined();
  });
});
