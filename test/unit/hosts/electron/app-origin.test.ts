import { describe, expect, it } from 'vitest';
import {
  appOrigin,
  isAppPage,
  canOpenExternally,
  getPageOrigin,
} from '../../../../src-main/hosts/electron/app-origin.ts';

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
