import { describe, expect, it } from 'vitest';
import { contentSecurityPolicy, securityHeaders } from '../../../../src-main/hosts/security-headers.ts';
import { appOrigin } from '../../../../src-main/hosts/electron/app-origin.ts';
import {
  allowedExternalHosts,
  isTrustedSender,
  isPermissionAllowed,
  createWebPreferences,
} from '../../../../src-main/hosts/electron/policy.ts';

describe('the preferences of the window', () => {
  // Verifies E-02, E-03, E-04, E-06, E-08, E-09, E-10, E-11, E-23.
  it('give the page nothing of Node and keep every guard of Chromium', () => {
    expect(createWebPreferences('/preload.cjs', false)).toEqual({
      preload: '/preload.cjs',
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
      devTools: false,
    });
  });

  // Verifies E-23.
  it('differ in development by the developer tools alone', () => {
    expect(createWebPreferences('/preload.cjs', true)).toEqual({
      ...createWebPreferences('/preload.cjs', false),
      devTools: true,
    });
  });
});

describe('permissions', () => {
  // Verifies E-05.
  it('are refused, but for copying from our own page', () => {
    expect(isPermissionAllowed('clipboard-sanitized-write', 'app://desk/', appOrigin)).toBe(true);
    expect(isPermissionAllowed('clipboard-sanitized-write', 'https://evil.example/', appOrigin)).toBe(false);
    for (const permission of [
      'clipboard-read',
      'media',
      'geolocation',
      'notifications',
      'openExternal',
      'fileSystem',
      'hid',
      'usb',
      'unknown',
    ]) {
      expect(isPermissionAllowed(permission, 'app://desk/', appOrigin), permission).toBe(false);
    }
  });
});

describe('the sender of a call', () => {
  const ours = { url: 'app://desk/sessions', isMainFrame: true, isAppWindow: true };

  it('is our page in the main frame of our window', () => {
    expect(isTrustedSender(ours, appOrigin)).toBe(true);
  });

  // Verifies E-17.
  it.each([
    { ...ours, url: '' },
    { ...ours, url: 'about:blank' },
    { ...ours, url: undefined },
    { ...ours, url: 'https://evil.example/' },
    { ...ours, isMainFrame: false },
    { ...ours, isAppWindow: false },
  ])('is nobody else: %j', (sender) => {
    expect(isTrustedSender(sender, appOrigin)).toBe(false);
  });
});

describe('the policy of the page', () => {
  // Verifies E-07.
  it('allows what is its own and nothing inline', () => {
    expect(contentSecurityPolicy.split('; ')).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' data:",
      "font-src 'self'",
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ]);
    expect(contentSecurityPolicy).not.toContain('unsafe');
    expect(securityHeaders['X-Content-Type-Options']).toBe('nosniff');
  });

  // Verifies E-15.
  it('lets no address out to the system', () => {
    expect(allowedExternalHosts).toEqual([]);
  });
});
