import '@fontsource-variable/inter/wght.css';
import '@fontsource-variable/jetbrains-mono/wght.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/contrast.css';
import { createPinia } from 'pinia';
import { createApp } from 'vue';
import App from './App.vue';
import { createDeskClient, deskKey } from './api-client.ts';
import { i18n, speak } from './i18n.ts';
import { createDeskRouter } from './router.ts';
import { languageOf } from './stores/preferences.ts';

// Before the first word is shown, so that none is shown in another language. English is here already.
await speak(languageOf()).catch(() => undefined);

createApp(App).use(i18n).provide(deskKey, createDeskClient()).use(createPinia()).use(createDeskRouter()).mount('#app');
