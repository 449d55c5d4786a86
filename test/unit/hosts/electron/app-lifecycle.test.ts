/** Tests of the module that opens the application, with a fake of Electron. */
import { expect, it, vi } from 'vitest';
import type { AppContext } from '../../../../src-main/hosts/electron/app-context.ts';
import { openApplication } from '../../../../src-main/hosts/electron/app-lifecycle.ts';
import { Locale } from '../../../../src-main/hosts/electron/locale.ts';
import type { HostAppOptions } from '../../../../src-main/hosts/open-app.ts';
import * as electron from '../../../support/fake-electron.ts';
import { createMemoryLog, createStubApp } from '../../../support/stub-app.ts';

const opened = vi.hoisted(() => ({ options: [] as HostAppOptions[] }));
vi.mock('electron', () => import('../../../support/fake-electron.ts'));
vi.mock('../../../../src-main/hosts/open-app.ts', () => ({
  openHostApp: (options: HostAppOptions) => {
    opened.options.push(options);
    return Promise.resolve(createStubApp());
  },
}));

function openAppModule(): HostAppOptions {
  const context: Partial<AppContext> = {
    dataFolder: '/nowhere',
    log: createMemoryLog(),
    locale: new Locale(() => []),
    window: undefined,
  };
  openApplication(context as AppContext);
  const options = opened.options.pop();
  if (options === undefined) throw new Error('The module did not open the application.');
  return options;
}

// Verifies E-25.
it('openApplication: proxies of providers come from their own session, not from that of the window', async () => {
  const resolve = openAppModule().providers?.proxyResolver;
  expect(await resolve?.('https://provider.example:8443/')).toBe('PROXY proxy-resolution:8443');
  expect(electron.session.fromPartition('proxy-resolution').proxyConfig).toBeUndefined();
});
