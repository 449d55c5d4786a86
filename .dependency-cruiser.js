/** The arrows of the house: hosts -> core -> contract, preload -> contract, src-renderer -> contract. */
const forbidden = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

/** Where the house stands: the fixtures of the tests have a house of their own, given by HOUSE. */
const house = process.env.HOUSE ? `${process.env.HOUSE}/` : '';
const main = `^${house}src-main`;
const renderer = `^${house}src-renderer`;

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    forbidden(
      'no-circles',
      'Two files that need each other are one, or lack a third.',
      {},
      { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    ),
    forbidden('nothing-unresolved', 'An import leads to nothing.', {}, { couldNotResolve: true }),
    forbidden(
      'contract-imports-zod-alone',
      'Both sides load the contract.',
      { path: `${main}/contract/` },
      { pathNot: [`${main}/contract/`, '(^|/)node_modules/zod/'] },
    ),
    forbidden(
      'core-knows-no-host',
      'Core runs in plain Node, under any host.',
      { path: `${main}/core/` },
      { path: [`${main}/(hosts|preload|main\\.ts)`, renderer] },
    ),
    forbidden(
      'core-imports-no-electron',
      'Core runs in plain Node.',
      { path: `${main}/(core|contract)/` },
      { path: '(^electron$|node_modules/electron/)' },
    ),
    forbidden(
      'core-folder-by-its-index',
      'A folder of core is reached by its index alone.',
      { path: `${main}/core/([^/]+)/` },
      {
        path: `${main}/core/([^/]+)/.+`,
        pathNot: [`${main}/core/$1/`, `${main}/core/[^/]+/index\\.ts$`, `${main}/core/providers/provider\\.ts$`],
      },
    ),
    forbidden(
      'core-from-outside-by-its-index',
      'Hosts know core by its index and what a desk is.',
      { path: `${main}/(hosts/|main\\.ts)` },
      { path: `${main}/core/`, pathNot: `${main}/core/(index|desk|store/worker)\\.ts$` },
    ),
    forbidden('hosts-know-no-screen', 'The screen is served, not imported.', { path: `${main}/` }, { path: renderer }),
    forbidden(
      'hosts-do-not-know-each-other',
      'Each host stands alone.',
      { path: `${main}/hosts/(electron|browser)/` },
      { path: `${main}/hosts/(electron|browser)/`, pathNot: `${main}/hosts/$1/` },
    ),
    forbidden(
      'preload-knows-the-contract-alone',
      'The preload is small: types and channel names.',
      { path: `${main}/preload/` },
      { pathNot: [`${main}/contract/`, '(^electron$|node_modules/electron/)'] },
    ),
    forbidden(
      'nobody-imports-the-preload',
      'It is loaded by the window.',
      { pathNot: `${main}/preload/` },
      { path: `${main}/preload/` },
    ),
    forbidden(
      'screen-knows-the-contract-alone',
      'What the screen needs of the main process is a call.',
      { path: `${renderer}/` },
      { path: `${main}/`, pathNot: `${main}/contract/` },
    ),
    forbidden(
      'screen-imports-no-node',
      'The page has no Node.',
      { path: `${renderer}/` },
      { dependencyTypes: ['core'] },
    ),
    forbidden(
      'screen-imports-no-authority',
      'The page asks; it does not act.',
      { path: `${renderer}/` },
      { path: ['(^electron$|node_modules/electron/)', 'node_modules/(axios|keytar|kysely|pino|fastify)/'] },
    ),
    forbidden(
      'sql-in-the-store-alone',
      'All SQL is in core/store.',
      { path: [`${main}/`, `${renderer}/`], pathNot: `${main}/core/store/` },
      { path: ['^(node:)?sqlite$', 'node_modules/kysely/'] },
    ),
    forbidden(
      'axios-in-one-file',
      'Failures are classed in one place.',
      { path: [`${main}/`, `${renderer}/`], pathNot: `${main}/core/providers/http\\.ts$` },
      { path: 'node_modules/axios/' },
    ),
    forbidden(
      'keytar-in-connections-alone',
      'Secrets have one way in.',
      { path: [`${main}/`, `${renderer}/`], pathNot: `${main}/core/connections/` },
      { path: 'node_modules/keytar/' },
    ),
    forbidden(
      'program-without-tests',
      'The program does not need its tests.',
      { path: [`${main}/`, `${renderer}/`] },
      { path: `^${house}test/` },
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
