/** Mounts the complete app, or one of its components, in Chromium with a fake API client. */
import '../../src-renderer/styles/tokens.css';
import '../../src-renderer/styles/base.css';
import '../../src-renderer/styles/outcomes.css';
import '../../src-renderer/styles/contrast.css';
import { createPinia, disposePinia } from 'pinia';
import { TooltipProvider } from 'reka-ui';
import { createApp, h } from 'vue';
import type { Component } from 'vue';
import { onTestFinished } from 'vitest';
import { userEvent } from 'vitest/browser';
import App from '../../src-renderer/App.vue';
import { apiClientKey } from '../../src-renderer/api-client.ts';
import type { HostStatus, HostClient } from '../../src-renderer/api-client.ts';
import { i18n, setLanguage } from '../../src-renderer/i18n.ts';
import { createAppRouter } from '../../src-renderer/router.ts';
import { createFakeApiClient } from '../support/fake-api-client.ts';
import type { FakeApiClient, FakeApiOptions } from '../support/fake-api-client.ts';

export interface MountedApp {
  readonly client: FakeApiClient;
  /** Reports a changed connection to the host. */
  setHostStatus(status: HostStatus): void;
}

/** Whether the pointer may rest on the page, where an earlier test has left it. */
let isPointerOnPage = true;
window.addEventListener('pointermove', () => (isPointerOnPage = true), true);

/** Moves the pointer to the corner of the window. A resting pointer acts on what appears under it. */
async function resetPointer(): Promise<void> {
  if (!isPointerOnPage) return;
  await userEvent.hover(document.documentElement, { position: { x: 1, y: 1 }, force: true });
  isPointerOnPage = false;
}

export async function mountApp(options: FakeApiOptions = {}, path = '/sessions'): Promise<MountedApp> {
  await resetPointer();
  return mount(App, options, path);
}

/** Mounts one component without a view. `render` returns it with its properties: `() => h(Component, properties)`. */
export async function mountComponent(render: Component, options: FakeApiOptions = {}): Promise<MountedApp> {
  await setLanguage('en');
  return mount(() => h(TooltipProvider, null, { default: () => h(render) }), options, '/settings');
}

async function mount(root: Component, options: FakeApiOptions, path: string): Promise<MountedApp> {
  localStorage.clear();
  location.hash = path;
  const fakeClient = createFakeApiClient(options);
  const listeners = new Set<(status: HostStatus) => void>();
  const client: HostClient = {
    kind: options.hostKind ?? 'window',
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
  const pinia = createPinia();
  const app = createApp(root).use(i18n).provide(apiClientKey, client).use(pinia).use(router);
  app.mount(host);
  await router.isReady();
  onTestFinished(() => {
    app.unmount();
    host.remove();
    // The stores and the listeners of the history would react to every later test of the file.
    disposePinia(pinia);
    router.options.history.destroy();
  });
  return {
    client: fakeClient,
    setHostStatus: (status) => {
      for (const listener of listeners) listener(status);
    },
  };
}
