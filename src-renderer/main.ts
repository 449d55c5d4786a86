import '@fontsource-variable/inter/wght.css';
import '@fontsource-variable/jetbrains-mono/wght.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/outcomes.css';
import './styles/contrast.css';
import { createPinia } from 'pinia';
import { createApp } from 'vue';
import App from './App.vue';
import { createApiClient, apiClientKey } from './api-client.ts';
import { i18n, setLanguage } from './i18n.ts';
import { createAppRouter } from './router.ts';
import { resolveLanguage } from './stores/preferences.ts';

// Before the app is mounted, so that no text appears in another language first. If the locale fails to load, English
// stays.
await setLanguage(resolveLanguage()).catch(() => undefined);

createApp(App)
  .use(i18n)
  .provide(apiClientKey, createApiClient())
  .use(createPinia())
  .use(createAppRouter())
  .mount('#app');
