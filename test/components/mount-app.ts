/** The whole screen in a real Chromium, on a fake desk. */
import '../../src-renderer/styles/tokens.css';
import '../../src-renderer/styles/base.css';
import '../../src-renderer/styles/contrast.css';
import { createPinia } from 'pinia';
import { createApp } from 'vue';
import { onTestFinished } from 'vitest';
import App from '../../src-renderer/App.vue';
import { deskKey } from '../../src-renderer/api-client.ts';
import type { Link, LinkedClient } from '../../src-renderer/api-client.ts';
import { i18n } from '../../src-renderer/i18n.ts';
import { createDeskRouter } from '../../src-renderer/router.ts';
import { fakeDesk } from '../support/fake-api-client.ts';
import type { FakeDesk, FakeOptions } from '../support/fake-api-client.ts';

export interface Screen {
  readonly desk: FakeDesk;
  /** Tells the screen that the host went away or came back. */
  link(link: Link): void;
}

export async function mountScreen(options: FakeOptions = {}, path = '/sessions'): Promise<Screen> {
  localStorage.clear();
  location.hash = path;
  const desk = fakeDesk(options);
  const listeners = new Set<(link: Link) => void>();
  const client: LinkedClient = {
    // Looked up at each call, so that a test can put another in its place.
    call: (name, input) => desk.call(name, input),
    on: desk.on,
    onLink(listener: (link: Link) => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const host = document.createElement('div');
  host.id = 'app';
  document.body.append(host);
  const router = createDeskRouter();
  const app = createApp(App).use(i18n).provide(deskKey, client).use(createPinia()).use(router);
  app.mount(host);
  await router.isReady();
  onTestFinished(() => {
    app.unmount();
    host.remove();
  });
  return {
    desk,
    link: (link) => {
      for (const listener of listeners) listener(link);
    },
  };
}
