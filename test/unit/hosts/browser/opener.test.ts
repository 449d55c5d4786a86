import { expect, it } from 'vitest';
import { openerFor } from '../../../../src-main/hosts/browser/opener.ts';

it('hands the address to the program of the system as one argument, without a shell', () => {
  const url = 'http://127.0.0.1:4711/open?code=a&b';
  expect(openerFor('linux', url)).toEqual({ command: 'xdg-open', args: [url] });
  expect(openerFor('darwin', url)).toEqual({ command: 'open', args: [url] });
  expect(openerFor('win32', url)).toEqual({ command: 'rundll32', args: ['url.dll,FileProtocolHandler', url] });
});
