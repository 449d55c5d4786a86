/** The arrows of the house: hosts -> core -> contract, preload -> contract, src-renderer -> contract. */
const forbiddenRule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

/** Where the house stands: the fixtures of the tests have a house of their own, given by DEPCRUISE_ROOT. */
const sourceRoot = process.env.DEPCRUISE_ROOT ? `${process.env.DEPCRUISE_ROOT}/` : '';
const mainPath = `^${sourceRoot}src-main`;
const rendererPath = `^${sourceRoot}src-renderer`;

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    forbiddenRule(
      'no-circular',
      'Two files that need each other are one, or lack a third.',
      {},
      { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    ),
    forbiddenRule('not-to-unresolvable', 'An import leads to nothing.', {}, { couldNotResolve: true }),
    forbiddenRule(
      'contract-only-to-zod',
      'Both sides load the contract.',
      { path: `${mainPath}/contract/` },
      { pathNot: [`${mainPath}/contract/`, '(^|/)node_modules/zod/'] },
    ),
    forbiddenRule(
      'core-not-to-hosts',
      'Core runs in plain Node, under any host.',
      { path: `${mainPath}/core/` },
      { path: [`${mainPath}/(hosts|preload|main\\.ts)`, rendererPath] },
    ),
    forbiddenRule(
      'core-not-to-electron',
      'Core runs in plain Node.',
      { path: `${mainPath}/(core|contract)/` },
      { path: '(^electron$|node_modules/electron/)' },
    ),
    forbiddenRule(
      'core-folder-only-through-index',
      'A folder of core is reached by its index alone.',
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
      'Hosts know core by its index and what a desk is.',
      { path: `${mainPath}/(hosts/|main\\.ts)` },
      { path: `${mainPath}/core/`, pathNot: `${mainPath}/core/(index|app|store/worker)\\.ts$` },
    ),
    forbiddenRule(
      'main-not-to-renderer',
      'The screen is served, not imported.',
      { path: `${mainPath}/` },
      { path: rendererPath },
    ),
    forbiddenRule(
      'hosts-not-to-each-other',
      'Each host stands alone.',
      { path: `${mainPath}/hosts/(electron|browser)/` },
      { path: `${mainPath}/hosts/(electron|browser)/`, pathNot: `${mainPath}/hosts/$1/` },
    ),
    forbiddenRule(
      'preload-only-to-contract',
      'The preload is small: types and channel names.',
      { path: `${mainPath}/preload/` },
      { pathNot: [`${mainPath}/contract/`, '(^electron$|node_modules/electron/)'] },
    ),
    forbiddenRule(
      'not-to-preload',
      'It is loaded by the window.',
      { pathNot: `${mainPath}/preload/` },
      { path: `${mainPath}/preload/` },
    ),
    forbiddenRule(
      'renderer-only-to-contract',
      'What the screen needs of the main process is a call.',
      { path: `${rendererPath}/` },
      { path: `${mainPath}/`, pathNot: `${mainPath}/contract/` },
    ),
    forbiddenRule(
      'renderer-not-to-node',
      'The page has no Node.',
      { path: `${rendererPath}/` },
      { dependencyTypes: ['core'] },
    ),
    forbiddenRule(
      'renderer-not-to-privileged-packages',
      'The page asks; it does not act.',
      { path: `${rendererPath}/` },
      { path: ['(^electron$|node_modules/electron/)', 'node_modules/(axios|keytar|kysely|pino|fastify)/'] },
    ),
    forbiddenRule(
      'sql-only-in-store',
      'All SQL is in core/store.',
      { path: [`${mainPath}/`, `${rendererPath}/`], pathNot: `${mainPath}/core/store/` },
      { path: ['^(node:)?sqlite$', 'node_modules/kysely/'] },
    ),
    forbiddenRule(
      'axios-only-in-http-client',
      'Failures are classed in one place.',
      { path: [`${mainPath}/`, `${rendererPath}/`], pathNot: `${mainPath}/core/providers/http\\.ts$` },
      { path: 'node_modules/axios/' },
    ),
    forbiddenRule(
      'keytar-only-in-connections',
      'Secrets have one way in.',
      { path: [`${mainPath}/`, `${rendererPath}/`], pathNot: `${mainPath}/core/connections/` },
      { path: 'node_modules/keytar/' },
    ),
    forbiddenRule(
      'not-to-test',
      'The program does not need its tests.',
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
