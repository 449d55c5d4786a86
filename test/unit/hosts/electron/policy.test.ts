import { describe, expect, it } from 'vitest';
import { contentSecurityPolicy, securityHeaders } from '../../../../src-main/hosts/static-files.ts';
import {
  allowedExternalHosts,
  appOrigin,
  canOpenExternally,
  createWebPreferences,
  createWindowProxy,
  getPageOrigin,
  isAppPage,
  isPermissionAllowed,
  isTrustedSender,
} from '../../../../src-main/hosts/electron/policy.ts';

describe('createWebPreferences', () => {
  // Verifies E-02, E-03, E-04, E-06, E-08, E-09, E-10, E-11, E-23.
  it('disables Node integration and keeps all protections of Chromium enabled', () => {
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
  it('enables only the developer tools in development', () => {
    expect(createWebPreferences('/preload.cjs', true)).toEqual({
      ...createWebPreferences('/preload.cjs', false),
      devTools: true,
    });
  });
});

describe('isPermissionAllowed', () => {
  // Verifies E-05.
  it('allows only writing to the clipboard, and only for the app page', () => {
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

describe('createWindowProxy', () => {
  // Verifies E-25.
  it('exempts only the development server from the proxy that does not exist', () => {
    const bypassRules = (origin: string) => createWindowProxy(origin).proxyBypassRules;
    expect(bypassRules(appOrigin)).toBe('<-loopback>');
    expect(bypassRules('http://localhost:5173')).toBe('<-loopback>;localhost:5173');
  });
});

describe('isTrustedSender', () => {
  const trustedSender = { url: 'app://desk/sessions', isMainFrame: true, isAppWindow: true };

  it('accepts the app page in the main frame of the app window', () => {
    expect(isTrustedSender(trustedSender, appOrigin)).toBe(true);
  });

  // Verifies E-17.
  it.each([
    { ...trustedSender, url: '' },
    { ...trustedSender, url: 'about:blank' },
    { ...trustedSender, url: undefined },
    { ...trustedSender, url: 'https://evil.example/' },
    { ...trustedSender, isMainFrame: false },
    { ...trustedSender, isAppWindow: false },
  ])('rejects all other senders: %j', (sender) => {
    expect(isTrustedSender(sender, appOrigin)).toBe(false);
  });
});

describe('security policy', () => {
  // Verifies E-07, E-27.
  it('the Content-Security-Policy allows only the own origin and nothing inline', () => {
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
      "require-trusted-types-for 'script'",
      'trusted-types vue',
    ]);
    expect(contentSecurityPolicy).not.toContain('unsafe');
    expect(securityHeaders['X-Content-Type-Options']).toBe('nosniff');
  });

  // Verifies E-15.
  it('no host may open in the default browser', () => {
    expect(allowedExternalHosts).toEqual([]);
  });
});

describe('isAppPage', () => {
  it.each(['app://desk/', 'app://desk', 'app://desk/sessions/42?x#y', 'APP://desk/'])(
    'returns true for %s',
    (address) => {
      expect(isAppPage(address, appOrigin)).toBe(true);
    },
  );

  // Verifies E-13, E-17.
  it.each([
    '',
    'about:blank',
    'about:srcdoc',
    'app://desk.evil.example/',
    'app://desk@evil.example/',
    'app://user@desk/',
    'app://evil/desk',
    'app:desk',
    'app:///desk',
    'app://desk:8080/',
    'https://desk/',
    'file:///desk',
    'data:text/html,app://desk/',
    'javascript:app://desk/',
    'not an address',
  ])('returns false for %j', (address) => {
    expect(isAppPage(address, appOrigin)).toBe(false);
  });
});

describe('getPageOrigin', () => {
  it('returns the origin of a development server on loopback', () => {
    expect(getPageOrigin('http://localhost:5173')).toBe('http://localhost:5173');
    expect(getPageOrigin('http://127.0.0.1:5173/x')).toBe('http://127.0.0.1:5173');
  });

  // Verifies E-01.
  it('returns app://desk for all other addresses', () => {
    for (const address of [undefined, '', 'http://evil.example', 'http://localhost.evil.example:5173', 'nonsense']) {
      expect(getPageOrigin(address), address).toBe(appOrigin);
    }
  });
});

describe('canOpenExternally', () => {
  const allowedHosts = ['docs.example'];

  // Verifies E-15.
  it('returns true for https pages of allowed hosts', () => {
    expect(canOpenExternally('https://docs.example/cancel', allowedHosts)).toBe(true);
  });

  // Verifies E-15.
  it.each([
    'http://docs.example/',
    'https://docs.example.evil.example/',
    'https://docs.example@evil.example/',
    'https://me@docs.example/',
    'https://docs.example:8443/',
    'file:///etc/passwd',
    'smb://docs.example/',
    'javascript:alert(1)',
    '',
  ])('returns false for %j', (address) => {
    expect(canOpenExternally(address, allowedHosts)).toBe(false);
  });
});
