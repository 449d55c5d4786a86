/**
 * Routes of the renderer, with hash history, because the pages are files. No view is loaded lazily: a host that does
 * not respond could not send it.
 */
import { createRouter, createWebHashHistory } from 'vue-router';
import type { Router } from 'vue-router';
import AuditView from './views/audit/AuditView.vue';
import BatchesView from './views/batches/BatchesView.vue';
import ConnectionsView from './views/connections/ConnectionsView.vue';
import SessionsView from './views/sessions/SessionsView.vue';
import SettingsView from './views/settings/SettingsView.vue';

export function createAppRouter(): Router {
  return createRouter({
    history: createWebHashHistory(),
    routes: [
      { path: '/', redirect: '/sessions' },
      { path: '/sessions/:key(\\d+)?', name: 'sessions', component: SessionsView },
      { path: '/batches/:id([\\da-f-]{36})?/:tab(sessions)?', name: 'batches', component: BatchesView },
      { path: '/audit/:sequence(\\d+)?', name: 'audit', component: AuditView },
      { path: '/connections', name: 'connections', component: ConnectionsView },
      { path: '/settings', name: 'settings', component: SettingsView },
      // Development only.
      ...(import.meta.env.DEV ? [{ path: '/design', component: () => import('./views/design/DesignView.vue') }] : []),
      { path: '/:pathMatch(.*)*', redirect: '/sessions' },
    ],
  });
}
