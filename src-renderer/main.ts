import '@fontsource-variable/inter/wght.css';
import '@fontsource-variable/jetbrains-mono/wght.css';
import './styles/tokens.css';
import './styles/base.css';
import { createPinia } from 'pinia';
import { createApp } from 'vue';
import App from './App.vue';
import { createDeskClient, deskKey } from './desk.ts';
import { i18n } from './i18n.ts';
import { createDeskRouter } from './router.ts';

createApp(App)
  .use(i18n)
  .provide(deskKey, createDeskClient())
  .use(createPinia())
  .use(createDeskRouter())
  .mount('#app');
