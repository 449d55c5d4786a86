/** Allowed imports: hosts -> core -> contract, preload -> contract, src-renderer -> contract. */
const forbiddenRule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

/** DEPCRUISE_ROOT replaces the root folder; the tests of these rules set it to their fixtures. */
const sourceRoot = process.env.DEPCRUISE_ROOT ? `${process.env.DEPCRUISE_ROOT}/` : '';
const mainPath = `^${sourceRoot}src-main`;
const rendererPath = `^${sourceRoot}src-renderer`;

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    forbiddenRule(
      'no-circular',
      'Circular imports: merge the files or extract the shared part.',
      {},
      { circular: true },
    ),
    forbiddenRule('not-to-unresolvable', 'The import cannot be resolved.', {}, { couldNotResolve: true }),
    forbiddenRule(
      'contract-only-to-zod',
      'Main process and renderer both load the contract, so it imports only zod.',
      { path: `${mainPath}/contract/` },
      { pathNot: [`${mainPath}/contract/`, '(^|/)node_modules/zod/'] },
    ),
    forbiddenRule(
      'core-not-to-hosts',
      'Core does not depend on a host.',
      { path: `${mainPath}/core/` },
      { path: [`${mainPath}/(hosts|preload|main\\.ts)`, rendererPath] },
    ),
    forbiddenRule(
      'core-not-to-electron',
      'Core runs in Node without Electron.',
      { path: `${mainPath}/(core|contract)/` },
      { path: '(^electron$|node_modules/electron/)' },
    ),
    forbiddenRule(
      'core-folder-only-through-index',
      'Import a folder of core through its index.ts.',
      { path: `${mainPath}/core/([^/]+)/` },
      {
        path: `${mainPath}/core/([^/]+)/.+`,
        pathNot: [
          `${mainPath}/core/$1/`,
          `${mainPath}/core/[^/]+/index\\.ts$`,
          `${mainPath}/core/providers/provider\\.ts$`,
        ],
      },
    ),
    forbiddenRule(
      'core-only-through-index',
      'Hosts import only index.ts and app.ts of core.',
      { path: `${mainPath}/(hosts/|main\\.ts)` },
      { path: `${mainPath}/core/`, pathNot: `${mainPath}/core/(index|app|store/worker)\\.ts$` },
    ),
    forbiddenRule(
      'main-not-to-renderer',
      'The main process serves the renderer and imports only its texts.',
      { path: `${mainPath}/` },
      { path: rendererPath, pathNot: `${rendererPath}/locales/` },
    ),
    forbiddenRule(
      'hosts-not-to-each-other',
      'Hosts do not import each other.',
      { path: `${mainPath}/hosts/(electron|browser)/` },
      { path: `${mainPath}/hosts/(electron|browser)/`, pathNot: `${mainPath}/hosts/$1/` },
    ),
    forbiddenRule(
      'preload-only-to-contract',
      'The preload imports only electron and the contract.',
      { path: `${mainPath}/preload/` },
      { pathNot: [`${mainPath}/contract/`, '(^electron$|node_modules/electron/)'] },
    ),
    forbiddenRule(
      'not-to-preload',
      'Only the window loads the preload.',
      { pathNot: `${mainPath}/preload/` },
      { path: `${mainPath}/preload/` },
    ),
    forbiddenRule(
      'renderer-only-to-contract',
      'The renderer uses the main process only through calls of the contract.',
      { path: `${rendererPath}/` },
      { path: `${mainPath}/`, pathNot: `${mainPath}/contract/` },
    ),
    forbiddenRule(
      'renderer-not-to-node',
      'The renderer has no Node integration.',
      { path: `${rendererPath}/` },
      { dependencyTypes: ['core'] },
    ),
    forbiddenRule(
      'renderer-not-to-privileged-packages',
      'The renderer does not use privileged packages.',
      { path: `${rendererPath}/` },
      { path: ['(^electron$|node_modules/electron/)', 'node_modules/(axios|keytar|kysely|pino)/'] },
    ),
    forbiddenRule(
      'sql-only-in-store',
      'Only core/store contains SQL.',
      { path: [`${mainPath}/`, `${rendererPath}/`], pathNot: `${mainPath}/core/store/` },
      { path: ['^(node:)?sqlite$', 'node_modules/kysely/'] },
    ),
    forbiddenRule(
      'axios-only-in-http-client',
      'Only core/providers/http.ts sends requests, so that failures are classified in one place.',
      { path: [`${mainPath}/`, `${rendererPath}/`], pathNot: `${mainPath}/core/providers/http\\.ts$` },
      { path: 'node_modules/axios/' },
    ),
    forbiddenRule(
      'keytar-only-in-connections',
      'Only core/connections accesses the keychain.',
      { path: [`${mainPath}/`, `${rendererPath}/`], pathNot: `${mainPath}/core/connections/` },
      { path: 'node_modules/keytar/' },
    ),
    forbiddenRule(
      'not-to-test',
      'Application code does not import tests.',
      { path: [`${mainPath}/`, `${rendererPath}/`] },
      { path: `^${sourceRoot}test/` },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)out/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
      extensions: ['.ts', '.js', '.vue', '.json'],
    },
  },
};
