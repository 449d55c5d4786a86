/** ESLint: type-checked rules, accessibility rules for templates, and restrictions on security-sensitive imports. */
import prettier from 'eslint-config-prettier';
import pluginVue from 'eslint-plugin-vue';
import accessibility from 'eslint-plugin-vuejs-accessibility';
import tseslint from 'typescript-eslint';
import vueParser from 'vue-eslint-parser';

/** An import that only one file may use. */
const restrictedImport = (name, importNames, message) => ({ name, ...(importNames && { importNames }), message });
const ipcMain = restrictedImport('electron', ['ipcMain'], 'Only hosts/electron/ipc.ts binds the contract.');
const ipcRenderer = restrictedImport(
  'electron',
  ['ipcRenderer', 'contextBridge'],
  'Only preload/preload.ts exposes an API to the page.',
);
const shell = restrictedImport('electron', ['shell'], 'Only hosts/electron/security.ts opens external addresses.');
const crashReporter = restrictedImport(
  'electron',
  ['crashReporter'],
  'A crash report contains process memory and therefore secrets.',
);
const restrictImports = (...paths) => ({ 'no-restricted-imports': ['error', { paths }] });

/** Names that disable certificate checks or Electron's security warnings. */
const securityOverrides =
  'certificate-error|ignore-certificate-errors|setCertificateVerifyProc|checkServerIdentity' +
  '|NODE_TLS_REJECT_UNAUTHORIZED|ELECTRON_DISABLE_SECURITY_WARNINGS';

const templateFiles = ['**/*.vue'];

/** Limits rules to .vue files. A config that names files, or that has no rules, does not change. */
const limitToTemplates = (configs) =>
  configs.map((config) => (config.rules && !config.files ? { ...config, files: templateFiles } : config));

export default tseslint.config(
  // The build writes `electron.vite.config.ts.*.mjs` for a moment.
  {
    ignores: [
      'node_modules/**',
      'out/**',
      'test-results/**',
      'test/checks/fixtures/**',
      '**/*.d.ts',
      'electron.vite.config.ts.*.mjs',
    ],
  },
  ...tseslint.configs.strictTypeChecked,
  ...limitToTemplates(pluginVue.configs['flat/recommended']),
  ...limitToTemplates(accessibility.configs['flat/recommended']),
  {
    languageOptions: {
      parserOptions: {
        projectService: true,
        tsconfigRootDir: import.meta.dirname,
        extraFileExtensions: ['.vue'],
      },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      ...restrictImports(ipcMain, ipcRenderer, shell, crashReporter),
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'separate-type-imports', disallowTypeAnnotations: false },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', destructuredArrayIgnorePattern: '^_' },
      ],
      // These two take a fifth of the whole time. No file has an enum, and stubs in tests stand for instances.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      '@typescript-eslint/no-unsafe-enum-assignment': 'off',
      // Style preferences, or rules that ignore state changes across an await.
      '@typescript-eslint/await-thenable': 'off',
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-meaningless-void-operator': 'off',
      '@typescript-eslint/no-misused-spread': 'off',
      '@typescript-eslint/no-redundant-type-constituents': 'off',
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/no-unnecessary-type-assertion': 'off',
      '@typescript-eslint/no-unnecessary-type-conversion': 'off',
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    // ESLint cannot read the types of templates; vue-tsc checks them.
    files: ['src-renderer/**', 'test/components/**'],
    rules: {
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-useless-default-assignment': 'off',
    },
  },
  {
    files: ['test/**'],
    rules: {
      // Matchers such as expect.any() are of type any.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      'no-restricted-syntax': [
        'error',
        {
          selector:
            "AwaitExpression > NewExpression[callee.name='Promise'] " +
            "CallExpression[callee.name='setTimeout'][arguments.1.type='Literal']",
          message: 'Wait for the expected event, not for a fixed time.',
        },
      ],
    },
  },
  { files: ['src-main/hosts/electron/ipc.ts'], rules: restrictImports(ipcRenderer, shell, crashReporter) },
  { files: ['src-main/hosts/electron/security.ts'], rules: restrictImports(ipcMain, ipcRenderer, crashReporter) },
  { files: ['src-main/preload/preload.ts'], rules: restrictImports(ipcMain, shell, crashReporter) },
  {
    files: ['src-main/**', 'src-renderer/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector:
            `:matches(Literal[value=/${securityOverrides}/], Identifier[name=/${securityOverrides}/], ` +
            "Property[key.name='rejectUnauthorized']:not([value.value=true]))",
          message: 'Certificate checks and security warnings must stay enabled.',
        },
      ],
    },
  },
  {
    files: templateFiles,
    languageOptions: { parser: vueParser, parserOptions: { parser: tseslint.parser } },
    rules: {
      // Standard one-word names that no HTML element has.
      'vue/multi-word-component-names': ['error', { ignores: ['Onboarding', 'Sidebar', 'Spinner', 'Tooltip'] }],
      'vue/require-default-prop': 'off',
      'vue/no-v-html': 'error',
      'vue/no-bare-strings-in-template': [
        'error',
        {
          allowlist: ['·', '/', '(', ')', ',', '.', ':', '→', '×', '–', '•', '…'],
          attributes: {
            '/.+/': [
              'title',
              'label',
              'placeholder',
              'text',
              'hint',
              'aria-label',
              'aria-description',
              'aria-roledescription',
              'aria-valuetext',
            ],
          },
        },
      ],
      'vue/no-restricted-html-elements': ['error', 'webview', 'iframe', 'object', 'embed'],
      'vuejs-accessibility/label-has-for': ['error', { required: { some: ['nesting', 'id'] } }],
      // In a grid or a tab list, the cell or tab has the focus, which the rule cannot detect.
      'vuejs-accessibility/interactive-supports-focus': 'off',
    },
  },
  // A reference page for developers; operators do not see it.
  { files: ['src-renderer/views/design/**'], rules: { 'vue/no-bare-strings-in-template': 'off' } },
  {
    // These components handle keys on the focused element: the grid, or an element of the panel.
    files: [
      'src-renderer/components/DataGrid.vue',
      'src-renderer/components/SidePanel.vue',
      'src-renderer/views/sessions/SessionRow.vue',
    ],
    rules: {
      'vuejs-accessibility/click-events-have-key-events': 'off',
      'vuejs-accessibility/no-static-element-interactions': 'off',
    },
  },
  { files: ['**/*.js'], extends: [tseslint.configs.disableTypeChecked] },
  // Must follow every other rule: disables rules that conflict with Prettier.
  prettier,
  {
    // Prettier does not break texts. Shipped migrations never change.
    ignores: ['src-main/core/store/migrations/**'],
    rules: { 'max-len': ['error', { code: 120 }] },
  },
);
