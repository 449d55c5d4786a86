/**
 * Where the screen can be: hash history, because the pages come from a folder. Every view is there from the start: a host that is lost
 * could not send one later.
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
      // No part of a build that ships.
      ...(import.meta.env.DEV ? [{ path: '/design', component: () => import('./views/design/DesignView.vue') }] : []),
      { path: '/:pathMatch(.*)*', redirect: '/sessions' },
    ],
  });
}
