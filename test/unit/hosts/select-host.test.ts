import { describe, expect, it } from 'vitest';
import { getStartFailureReason, getWindowUnavailableReason } from '../../../src-main/hosts/select-host.ts';

const display = { DISPLAY: ':0' };

describe('getWindowUnavailableReason', () => {
  it('returns undefined if a display is available', () => {
    expect(getWindowUnavailableReason({ platform: 'linux', userId: 1000, env: display }, false)).toBeUndefined();
    expect(
      getWindowUnavailableReason({ platform: 'linux', userId: 1000, env: { WAYLAND_DISPLAY: 'wayland-0' } }, false),
    ).toBeUndefined();
    expect(getWindowUnavailableReason({ platform: 'darwin', userId: 501, env: {} }, false)).toBeUndefined();
    expect(getWindowUnavailableReason({ platform: 'win32', userId: undefined, env: {} }, false)).toBeUndefined();
  });

  it('returns a reason if the option --browser is used', () => {
    expect(getWindowUnavailableReason({ platform: 'darwin', userId: 501, env: {} }, true)).toBe(
      'the option --browser was used',
    );
  });

  it('returns a reason if no display is available on Linux', () => {
    expect(getWindowUnavailableReason({ platform: 'linux', userId: 1000, env: { DISPLAY: '' } }, false)).toContain(
      'no display',
    );
  });

  it('returns a reason for root on Linux', () => {
    expect(getWindowUnavailableReason({ platform: 'linux', userId: 0, env: display }, false)).toContain('root');
  });
});

describe('getStartFailureReason', () => {
  it('returns a reason if Electron crashes or misses a library at startup', () => {
    expect(getStartFailureReason({ code: null, signal: 'SIGTRAP', uptimeMs: 200 })).toContain('SIGTRAP');
    expect(getStartFailureReason({ code: 127, signal: null, uptimeMs: 20 })).toContain('library');
  });

  it('returns undefined if Electron ends later, or without a crash', () => {
    expect(getStartFailureReason({ code: null, signal: 'SIGSEGV', uptimeMs: 60_000 })).toBeUndefined();
    expect(getStartFailureReason({ code: 0, signal: null, uptimeMs: 200 })).toBeUndefined();
    expect(getStartFailureReason({ code: 1, signal: null, uptimeMs: 200 })).toBeUndefined();
    expect(getStartFailureReason({ code: null, signal: 'SIGTERM', uptimeMs: 200 })).toBeUndefined();
  });
});
