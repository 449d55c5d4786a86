import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { expect, it } from 'vitest';

const eslint = new ESLint({
  cwd: fileURLToPath(new URL('../../../', import.meta.url)),
  overrideConfigFile: 'eslint.config.js',
  // The linted files do not exist, so type information is not available.
  overrideConfig: tseslint.configs.disableTypeChecked as object,
});

/** The rules that `code` breaks as the content of the file `path`. */
async function lintErrors(path: string, code: string): Promise<(string | null)[]> {
  const [result] = await eslint.lintText(`${code}\n`, { filePath: path });
  return result?.messages.map((message) => message.ruleId) ?? [];
}

const ipcMainCode = "import { ipcMain } from 'electron';\nipcMain.handle('x', String);";
const ipcRendererCode = "import { ipcRenderer } from 'electron';\nvoid ipcRenderer.invoke('x');";

it('lint: only hosts/electron/ipc.ts may import ipcMain', async () => {
  expect(await lintErrors('src-main/hosts/electron/ipc.ts', ipcMainCode)).toEqual([]);
  for (const path of [
    'src-main/hosts/electron/window.ts',
    'src-main/preload/preload.ts',
    'src-main/core/x.ts',
    'test/e2e/x.ts',
  ]) {
    expect(await lintErrors(path, ipcMainCode), path).toEqual(['no-restricted-imports']);
  }
});

it('lint: only the preload may import ipcRenderer', async () => {
  expect(await lintErrors('src-main/preload/preload.ts', ipcRendererCode)).toEqual([]);
  for (const path of ['src-main/hosts/electron/ipc.ts', 'src-main/preload/other.ts', 'src-renderer/x.ts']) {
    expect(await lintErrors(path, ipcRendererCode), path).toEqual(['no-restricted-imports']);
  }
});

it('lint: any, non-null assertions and @ts-ignore are forbidden', async () => {
  expect(await lintErrors('src-main/x.ts', 'export const x: any = 1;')).toEqual(['@typescript-eslint/no-explicit-any']);
  expect(await lintErrors('src-main/x.ts', "export const x = 'a'.at(0)!;")).toEqual([
    '@typescript-eslint/no-non-null-assertion',
  ]);
  expect(await lintErrors('src-main/x.ts', '// @ts-ignore\nexport const x = 1;')).toEqual([
    '@typescript-eslint/ban-ts-comment',
  ]);
});

it('lint: a test must not wait for a fixed time', async () => {
  const sleep = 'await new Promise((resolve) => setTimeout(resolve, 500));';
  expect(await lintErrors('test/unit/x.test.ts', sleep)).toEqual(['no-restricted-syntax']);
  expect(await lintErrors('src-main/x.ts', sleep)).toEqual([]);
});

it('lint: v-html and images without alternative text are forbidden', async () => {
  expect(await lintErrors('src-renderer/X.vue', '<template><p v-html="x" /></template>')).toContain('vue/no-v-html');
  expect(await lintErrors('src-renderer/X.vue', '<template><img src="x.png"></template>')).toContain(
    'vuejs-accessibility/alt-text',
  );
});

// Verifies E-15.
it('lint: only hosts/electron/security.ts may import shell', async () => {
  const shell = "import { shell } from 'electron';\nvoid shell.openExternal('x');";
  expect(await lintErrors('src-main/hosts/electron/security.ts', shell)).toEqual([]);
  for (const path of [
    'src-main/hosts/electron/window.ts',
    'src-main/hosts/electron/ipc.ts',
    'src-main/preload/preload.ts',
    'src-main/core/x.ts',
  ]) {
    expect(await lintErrors(path, shell), path).toEqual(['no-restricted-imports']);
  }
});

// Verifies E-21, E-22.
it('lint: certificate overrides, disabled security warnings and the crash reporter are forbidden', async () => {
  for (const code of [
    "app.on('certificate-error', String);",
    'session.setCertificateVerifyProc(String);',
    'connect({ rejectUnauthorized: false });',
    "process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';",
    "process.env['ELECTRON_DISABLE_SECURITY_WARNINGS'] = 'true';",
    "app.commandLine.appendSwitch('ignore-certificate-errors');",
  ])
    expect(await lintErrors('src-main/hosts/electron/x.ts', code), code).toContain('no-restricted-syntax');
  expect(
    await lintErrors(
      'src-main/hosts/electron/x.ts',
      "import { crashReporter } from 'electron';\ncrashReporter.start();",
    ),
  ).toEqual(['no-restricted-imports']);
});

// Verifies E-11, E-12.
it('lint: elements that embed other pages are forbidden', async () => {
  for (const element of ['webview', 'iframe', 'object', 'embed']) {
    expect(await lintErrors('src-renderer/X.vue', `<template><${element} /></template>`), element).toContain(
      'vue/no-restricted-html-elements',
    );
  }
});
