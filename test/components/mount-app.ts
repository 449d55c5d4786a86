/** Mounts the complete app in Chromium with a fake API client. */
import '../../src-renderer/styles/tokens.css';
import '../../src-renderer/styles/base.css';
import '../../src-renderer/styles/contrast.css';
import { createPinia } from 'pinia';
import { createApp } from 'vue';
import { onTestFinished } from 'vitest';
import App from '../../src-renderer/App.vue';
import { apiClientKey } from '../../src-renderer/api-client.ts';
import type { HostStatus, HostClient } from '../../src-renderer/api-client.ts';
import { i18n } from '../../src-renderer/i18n.ts';
import { createAppRouter } from '../../src-renderer/router.ts';
import { createFakeApiClient } from '../support/fake-api-client.ts';
import type { FakeApiClient, FakeApiOptions } from '../support/fake-api-client.ts';

export interface MountedApp {
  readonly client: FakeApiClient;
  /** Reports a changed connection to the host. */
  setHostStatus(status: HostStatus): void;
}

export async function mountApp(options: FakeApiOptions = {}, path = '/sessions'): Promise<MountedApp> {
  localStorage.clear();
  location.hash = path;
  const fakeClient = createFakeApiClient(options);
  const listeners = new Set<(status: HostStatus) => void>();
  const client: HostClient = {
    // Reads the property at each call, so that a test can replace it.
    call: (name, input) => fakeClient.call(name, input),
    on: fakeClient.on,
    onStatusChange(listener: (status: HostStatus) => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const host = document.createElement('div');
  host.id = 'app';
  document.body.append(host);
  const router = createAppRouter();
  const app = createApp(App).use(i18n).provide(apiClientKey, client).use(createPinia()).use(router);
  app.mount(host);
  await router.isReady();
  onTestFinished(() => {
    app.unmount();
    host.remove();
  });
  return {
    client: fakeClient,
    setHostStatus: (status) => {
      for (const listener of listeners) listener(status);
    },
  };
}
