import type { ApiClient } from './contract.ts';

declare global {
  interface Window {
    /** Exposed by the preload in Electron; undefined in a browser. */
    readonly sessionDesk?: ApiClient;
  }
}
