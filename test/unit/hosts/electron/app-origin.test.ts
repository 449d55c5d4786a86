import { describe, expect, it } from 'vitest';
import {
  appOrigin,
  isAppPage,
  canOpenExternally,
  getPageOrigin,
} from '../../../../src-main/hosts/electron/app-origin.ts';

describe("the console's own page", () => {
  it.each(['app://desk/', 'app://desk', 'app://desk/sessions/42?x#y', 'APP://desk/'])('is %s', (address) => {
    expect(isAppPage(address, appOrigin)).toBe(true);
  });

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
  ])('is not %j', (address) => {
    expect(isAppPage(address, appOrigin)).toBe(false);
  });
});

describe('the origin of the page', () => {
  it('is the development server on this machine, where there is one', () => {
    expect(getPageOrigin('http://localhost:5173')).toBe('http://localhost:5173');
    expect(getPageOrigin('http://127.0.0.1:5173/x')).toBe('http://127.0.0.1:5173');
  });

  // Verifies E-01.
  it('is the scheme of the console in every other case', () => {
    for (const given of [undefined, '', 'http://evil.example', 'http://localhost.evil.example:5173', 'nonsense']) {
      expect(getPageOrigin(given), given).toBe(appOrigin);
    }
  });
});

describe("the system's browser", () => {
  const allowed = ['docs.example'];

  // Verifies E-15.
  it('opens https pages of the hosts on the list', () => {
    expect(canOpenExternally('https://docs.example/cancel', allowed)).toBe(true);
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
  ])('does not open %j', (address) => {
    expect(canOpenExternally(address, allowed)).toBe(false);
  });
});
