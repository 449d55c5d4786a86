import type { ApiClient } from './contract.ts';

declare global {
  interface Window {
    /** What the preload exposes in the Electron window; absent in a browser. */
    readonly sessionDesk?: ApiClient;
  }
}
