/** Lint of the house: types that are honest, templates that everyone can use, and each doorway in one file alone. */
import prettier from 'eslint-config-prettier';
import pluginVue from 'eslint-plugin-vue';
import accessibility from 'eslint-plugin-vuejs-accessibility';
import tseslint from 'typescript-eslint';
import vueParser from 'vue-eslint-parser';

/** A doorway: a name that may be imported in one place only. */
const restrictedImport = (name, importNames, message) => ({ name, ...(importNames && { importNames }), message });
const ipcMain = restrictedImport('electron', ['ipcMain'], 'The contract is bound in hosts/electron/ipc.ts alone.');
const ipcRenderer = restrictedImport(
  'electron',
  ['ipcRenderer', 'contextBridge'],
  'The page is given its client in preload/preload.ts alone.',
);
const shell = restrictedImport(
  'electron',
  ['shell'],
  'An address goes out to the system through hosts/electron/external.ts alone.',
);
const crashReporter = restrictedImport(
  'electron',
  ['crashReporter'],
  'A report of a crash holds memory, and so secrets.',
);
const restrictImports = (...paths) => ({ 'no-restricted-imports': ['error', { paths }] });

/** No certificate is taken that the system would refuse, and no warning of Electron is put away. */
const securityOverrides =
  'certificate-error|ignore-certificate-errors|setCertificateVerifyProc|checkServerIdentity' +
  '|NODE_TLS_REJECT_UNAUTHORIZED|ELECTRON_DISABLE_SECURITY_WARNINGS';

const templateFiles = ['**/*.vue'];

/** The rules of templates where there are templates; what names its own files, or only brings a plugin, stays as it is. */
const limitToTemplates = (configs) =>
  configs.map((config) => (config.rules && !config.files ? { ...config, files: templateFiles } : config));

export default tseslint.config(
  { ignores: ['node_modules/**', 'out/**', 'test-results/**', 'test/checks/fixtures/**', '**/*.d.ts'] },
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
      // Matters of taste, or blind to state that changes across an await.
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
    // The types of templates are not known here; vue-tsc checks them.
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
            "AwaitExpression > NewExpression[callee.name='Promise'] CallExpression[callee.name='setTimeout'][arguments.1.type='Literal']",
          message: 'Await what is to happen, not the passing of time.',
        },
      ],
    },
  },
  { files: ['src-main/hosts/electron/ipc.ts'], rules: restrictImports(ipcRenderer, shell, crashReporter) },
  { files: ['src-main/hosts/electron/open-external.ts'], rules: restrictImports(ipcMain, ipcRenderer, crashReporter) },
  { files: ['src-main/preload/preload.ts'], rules: restrictImports(ipcMain, shell, crashReporter) },
  {
    files: ['src-main/**', 'src-renderer/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: `:matches(Literal[value=/${securityOverrides}/], Identifier[name=/${securityOverrides}/], Property[key.name='rejectUnauthorized']:not([value.value=true]))`,
          message: 'Whom to trust is for the system to say, and its warnings are for us to mend.',
        },
      ],
    },
  },
  {
    files: templateFiles,
    languageOptions: { parser: vueParser, parserOptions: { parser: tseslint.parser } },
    rules: {
      // Standard names of one word that no HTML element has.
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
      // In a grid or a list of tabs the cell or tab has the focus, which the rule cannot see.
      'vuejs-accessibility/interactive-supports-focus': 'off',
    },
  },
  // A sheet for whoever builds the screen; no operator sees it.
  { files: ['src-renderer/views/design/**'], rules: { 'vue/no-bare-strings-in-template': 'off' } },
  {
    // Their keys are handled where the focus is: the grid, and whatever in the panel has it.
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
  // Prettier decides the layout; its rules win.
  prettier,
);
