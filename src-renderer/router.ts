/** Where the screen can be: hash history, because the pages come from a folder. */
import { createRouter, createWebHashHistory } from 'vue-router';
import type { Router } from 'vue-router';

export function createDeskRouter(): Router {
  return createRouter({
    history: createWebHashHistory(),
    routes: [
      { path: '/', redirect: '/sessions' },
      { path: '/sessions/:key(\\d+)?', name: 'sessions', component: () => import('./views/sessions/SessionsView.vue') },
      { path: '/audit/:sequence(\\d+)?', name: 'audit', component: () => import('./views/audit/AuditView.vue') },
      { path: '/connections', name: 'connections', component: () => import('./views/connections/ConnectionsView.vue') },
      { path: '/settings', name: 'settings', component: () => import('./views/settings/SettingsView.vue') },
      { path: '/:elsewhere(.*)*', redirect: '/sessions' },
    ],
  });
}
