/** Each protection as one change that takes it away: the text in the file, what is put in its place, the promise that is broken. */
import type { RequirementId } from './security-requirements.ts';

export interface SecurityMutation {
  readonly requirement: RequirementId;
  /** What is missing once it is gone. */
  readonly description: string;
  /** From the project's folder. */
  readonly file: string;
  readonly replacements: readonly (readonly [text: string, instead: string])[];
}

const mutation = (
  requirement: RequirementId,
  description: string,
  file: string,
  ...replacements: SecurityMutation['replacements'][number][]
): SecurityMutation => ({ requirement, description, file, replacements });

const electronFolder = 'src-main/hosts/electron';
const browserFolder = 'src-main/hosts/browser';
const hostsFolder = 'src-main/hosts';
const coreFolder = 'src-main/core';

export const securityMutations: readonly SecurityMutation[] = [
  mutation('E-01', 'the window without network', `${electronFolder}/security.ts`, [
    'cancel: !isRequestAllowed(url, pageOrigin)',
    'cancel: false',
  ]),
  mutation('E-01', 'no downloads', `${electronFolder}/security.ts`, [
    "defaultSession.on('will-download'",
    "defaultSession.on('unheard'",
  ]),
  mutation('E-01', 'development from this machine alone', `${electronFolder}/app-origin.ts`, [
    'url !== null && isLoopback(url.hostname)',
    'url !== null',
  ]),
  mutation('E-02', 'no Node in the page', `${electronFolder}/policy.ts`, [
    'nodeIntegration: false',
    'nodeIntegration: true',
  ]),
  mutation('E-03', 'isolation of the preload', `${electronFolder}/policy.ts`, [
    'contextIsolation: true',
    'contextIsolation: false',
  ]),
  mutation('E-04', 'the sandbox of the window', `${electronFolder}/policy.ts`, ['sandbox: true', 'sandbox: false']),
  mutation('E-04', 'the sandbox of all else', `${electronFolder}/security.ts`, ['app.enableSandbox();', '{}']),
  mutation('E-05', 'refusal of a permission that is asked for', `${electronFolder}/security.ts`, [
    'decide(isPermissionAllowed(permission, details.requestingUrl, pageOrigin))',
    'decide(true)',
  ]),
  mutation('E-05', 'refusal of a permission that is looked up', `${electronFolder}/security.ts`, [
    'isPermissionAllowed(permission, requestingOrigin, pageOrigin)',
    'true',
  ]),
  mutation('E-05', 'refusal of devices', `${electronFolder}/security.ts`, [
    'setDevicePermissionHandler(() => false)',
    'setDevicePermissionHandler(() => true)',
  ]),
  mutation('E-06', 'webSecurity', `${electronFolder}/policy.ts`, ['webSecurity: true', 'webSecurity: false']),
  mutation('E-07', 'no inline scripts', `${hostsFolder}/security-headers.ts`, [
    '"script-src \'self\'"',
    "\"script-src 'self' 'unsafe-inline'\"",
  ]),
  mutation('E-07', 'the policy in the window', `${electronFolder}/app-protocol.ts`, [
    "{ ...securityHeaders, 'Content-Type': contentType }",
    "{ 'Content-Type': contentType }",
  ]),
  mutation('E-07', 'the policy in the browser', `${browserFolder}/server.ts`, [
    'response.setHeader(name, value);',
    'void name, void value;',
  ]),
  mutation('E-08', 'no insecure content', `${electronFolder}/policy.ts`, [
    'allowRunningInsecureContent: false',
    'allowRunningInsecureContent: true',
  ]),
  mutation('E-09', 'no experimental features', `${electronFolder}/policy.ts`, [
    'experimentalFeatures: false',
    'experimentalFeatures: true',
  ]),
  mutation('E-10', 'no Blink features', `${electronFolder}/policy.ts`, [
    'spellcheck: false,',
    "spellcheck: false, enableBlinkFeatures: 'ExecCommandInJavaScript',",
  ]),
  mutation('E-11', 'no webview tag', `${electronFolder}/policy.ts`, ['webviewTag: false', 'webviewTag: true']),
  mutation('E-12', 'refusal of webviews', `${electronFolder}/security.ts`, [
    "contents.on('will-attach-webview'",
    "contents.on('unheard'",
  ]),
  mutation('E-13', 'the guard of navigation', `${electronFolder}/security.ts`, [
    'event.preventDefault();\n      log.warn',
    'log.warn',
  ]),
  mutation('E-13', 'the guard of redirects', `${electronFolder}/security.ts`, [
    "contents.on('will-redirect'",
    "contents.on('unheard'",
  ]),
  mutation('E-13', 'parsed addresses', `${electronFolder}/app-origin.ts`, [
    'getOrigin(url) === origin',
    'address.startsWith(origin)',
  ]),
  mutation('E-14', 'no new windows', `${electronFolder}/security.ts`, ["{ action: 'deny' }", "{ action: 'allow' }"]),
  mutation('E-15', 'the list of the gate', `${electronFolder}/open-external.ts`, [
    'if (canOpenExternally(address, allowedHosts)) void',
    'void allowedHosts, void canOpenExternally, void',
  ]),
  mutation('E-15', 'https through the gate', `${electronFolder}/app-origin.ts`, ["url.protocol === 'https:'", 'true']),
  mutation('E-16', 'one Electron, by its number', 'package.json', ['"electron": "45.3.4"', '"electron": "45.3.3"']),
  mutation('E-16', 'the hashes in the package', `${hostsFolder}/electron-binary.ts`, [
    'env: withoutRemoteChecksums(env)',
    'env: (withoutRemoteChecksums, env)',
  ]),
  mutation('E-17', 'the check of the sender', `${electronFolder}/ipc.ts`, [
    'if (!isTrustedSender(describeSender(event, context), context.pageOrigin))',
    'if (!isTrustedSender(describeSender(event, context), context.pageOrigin) && !context)',
  ]),
  mutation('E-17', 'the main frame', `${electronFolder}/policy.ts`, ['sender.isMainFrame && ', '']),
  mutation('E-17', 'our window', `${electronFolder}/policy.ts`, ['sender.isAppWindow && ', '']),
  mutation('E-17', 'our page', `${electronFolder}/policy.ts`, [
    'sender.url !== undefined && isAppPage(sender.url, origin)',
    'true',
  ]),
  mutation('E-18', 'no way out of the folder', `${hostsFolder}/static-files.ts`, ["segments.includes('..') || ", '']),
  mutation('E-18', 'GET of our own host alone', `${electronFolder}/app-protocol.ts`, [
    "if (request.method !== 'GET' || !isAppPage(request.url, appOrigin))",
    'if (!isAppPage(appOrigin, appOrigin))',
  ]),
  mutation('E-19', 'a fuse', `${electronFolder}/fuses.ts`, ['RunAsNode: false', 'RunAsNode: true']),
  mutation('E-19', 'all fuses required', `${electronFolder}/fuses.ts`, [
    'strictlyRequireAllFuses: true,',
    'strictlyRequireAllFuses: false as true,',
  ]),
  mutation('E-20', 'no event for the page', 'src-main/preload/preload.ts', [
    'listener(payload as never)',
    'listener(_event as never)',
  ]),
  mutation('E-20', 'one channel', 'src-main/preload/preload.ts', [
    'ipcRenderer.invoke(callChannel, name, input)',
    'ipcRenderer.invoke(name, input)',
  ]),
  mutation('E-21', 'certificates checked', `${coreFolder}/providers/connect.ts`, [
    'rejectUnauthorized: true,\n        ...(tunnel',
    'rejectUnauthorized: false,\n        ...(tunnel',
  ]),
  mutation('E-21', 'the lint of it', 'eslint.config.js', ["'certificate-error|", "'"]),
  mutation('E-22', 'the lint of crash reports', 'eslint.config.js', [
    '...restrictImports(ipcMain, ipcRenderer, shell, crashReporter)',
    '...restrictImports(ipcMain, ipcRenderer, shell)',
  ]),
  mutation('E-24', 'a link that names a session and nothing else', `${electronFolder}/deep-link.ts`, [
    "url.host !== 'session'",
    'false',
  ]),
  mutation('E-24', 'a link that says nothing beside the name', `${electronFolder}/deep-link.ts`, [
    "every((part) => part === '')",
    'every(() => true)',
  ]),
  mutation('E-23', 'no developer tools', `${electronFolder}/policy.ts`, ['devTools: development', 'devTools: true']),
  mutation('E-23', 'none in the menu', `${electronFolder}/menu-template.ts`, [
    '...(development ? developing : [])',
    '...(development ? [] : developing)',
  ]),

  mutation('I-01', 'envelopes for failures', `${hostsFolder}/dispatch.ts`, [
    '    return { ok: false, error: toExpectedError(error) ?? logIncident(name, error, log) };',
    '    throw toExpectedError(error) ?? logIncident(name, error, log);',
  ]),
  mutation('I-01', 'a word for a workspace that was closed', `${coreFolder}/app.ts`, [
    'if (isAppError(error) || current() === began) throw error;',
    'if (current() !== undefined || began) throw error;',
  ]),
  mutation('I-02', 'the measure of inputs', `${hostsFolder}/dispatch.ts`, [
    'if (validateInputLimits(rawInput) !== undefined)',
    'if (validateInputLimits(null) !== undefined)',
  ]),
  mutation('I-02', 'the bound on depth', `${hostsFolder}/input-limits.ts`, [
    ' || depth >= maxInputDepth',
    ' || depth < 0 * maxInputDepth',
  ]),
  mutation('I-02', 'the bound on a body that does not say its length', `${browserFolder}/json-body.ts`, [
    "if (length > maxBytes) return { kind: 'too_large' };",
    '',
  ]),
  mutation('I-03', 'the schema of answers', `${hostsFolder}/dispatch.ts`, [
    'contract.output.parse(await handler(input.data))',
    'await handler(input.data)',
  ]),
  mutation('I-03', 'the schema of events', `${hostsFolder}/forward-events.ts`, [
    'send(name, checked.data)',
    'send(name, payload)',
  ]),
  mutation('I-04', 'the turnstile', `${hostsFolder}/call-limiter.ts`, [
    'if (this.#tokens < 1 || this.#pending >= maxPending)',
    'if (maxPending < 0)',
  ]),
  mutation('I-04', 'the turnstile of the window', `${electronFolder}/ipc.ts`, [
    'callLimiter.run(async () => dispatchCall((await coreApp).handlers, name, input, log))',
    'dispatchCall((await coreApp).handlers, name, input, log)',
  ]),
  mutation('I-04', 'the turnstile of the browser host', `${browserFolder}/server.ts`, [
    'await callLimiter.run(async () => {',
    'await (async (call: () => Promise<Envelope<unknown>>) => call())(async () => {',
  ]),
  mutation('I-05', 'the schema of inputs', `${hostsFolder}/dispatch.ts`, [
    'await handler(input.data)',
    'await handler(Object.assign(Object.prototype, rawInput))',
  ]),

  mutation('S-01', 'incidents without words', `${hostsFolder}/dispatch.ts`, [
    'return { kind: error.name, code, frames };',
    'return { kind: error.name, code, frames, message: error.message };',
  ]),
  mutation('S-02', 'a page that forgets', 'src-renderer/views/connections/SecretInput.vue', [
    "readValue: (): string => input.value?.value ?? '',",
    "readValue: (): string => (Object.assign(window, { kept: input.value?.value }), input.value?.value ?? ''),",
  ]),
  mutation('S-02', 'no secret among arguments', `${coreFolder}/connections/secret-store.ts`, [
    'await this.#keychain.set(this.#accountName(account), secret);',
    "process.getBuiltinModule('node:child_process').spawn(process.execPath, ['-e', 'setTimeout(Boolean, 90_000)', secret], { stdio: 'ignore' }).unref();\n      " +
      'await this.#keychain.set(this.#accountName(account), secret);',
  ]),
  mutation('S-03', 'a contract without secrets', 'src-main/contract/connections.ts', [
    '  hasWebhookSecret: z.boolean(),',
    '  hasWebhookSecret: z.boolean(), secret: z.string().optional(),',
  ]),
  mutation('S-04', 'the look back', `${coreFolder}/connections/secret-store.ts`, [
    'if ((await this.#keychain.get(this.#accountName(account))) !== secret)',
    'if (secret === account)',
  ]),
  mutation('S-05', 'redaction of our own secrets', `${coreFolder}/providers/redact.ts`, [
    'result = redactExactTexts(result, sensitiveTexts)',
    'result = redactExactTexts(result, [])',
  ]),
  mutation(
    'S-06',
    'no redirects',
    `${coreFolder}/providers/http.ts`,
    ['maxRedirects: 0,', 'maxRedirects: 5,'],
    ['        transport,\n', ''],
  ),
  mutation('S-06', 'https', `${coreFolder}/providers/http.ts`, [
    "const isSafe = isSecure || (url.protocol === 'http:' && isLoopback(url.hostname));",
    "const isSafe = isSecure || url.protocol === 'http:';",
  ]),
  mutation('S-06', 'https in the form', `${coreFolder}/connections/base-url.ts`, [
    "url.protocol === 'http:' && isLoopback(url.hostname)",
    "url.protocol === 'http:'",
  ]),
  mutation('S-07', 'no core dumps', `${hostsFolder}/core-dumps.ts`, ["'--core=0:0'", "'--core'"]),
  mutation('S-08', 'a main process that forgets', `${coreFolder}/connections/secret-store.ts`, [
    'await this.#keychain.set(this.#accountName(account), secret);',
    'this.#memory.set(`once ${account}`, secret);\n      await this.#keychain.set(this.#accountName(account), secret);',
  ]),
  mutation('S-08', 'a lane that forgets', `${coreFolder}/batches/connection-runner.ts`, [
    'setTimeout(() => (this.#cachedAccount = null), accountCacheMs).unref();',
    '',
  ]),

  mutation('B-01', 'loopback alone', `${browserFolder}/server.ts`, [
    "server.listen(0, '127.0.0.1', resolve)",
    "server.listen(0, '::', resolve)",
  ]),
  mutation('B-02', 'the check of Host', `${browserFolder}/request-origin.ts`, [
    "if (headers.host !== host) return 'The Host header is not the address of this console.';",
    '',
  ]),
  mutation('B-03', 'the check of Origin', `${browserFolder}/request-origin.ts`, [
    'headers.origin !== `http://${host}`',
    'headers.origin === host',
  ]),
  mutation('B-03', 'a call without an origin refused', `${browserFolder}/request-origin.ts`, [
    "method === 'POST'",
    "method === 'NONE'",
  ]),
  mutation('B-03', 'the check of Sec-Fetch-Site', `${browserFolder}/request-origin.ts`, [
    "return followedLink ? undefined : 'The request comes from another page.';",
    'return undefined;',
  ]),
  mutation('B-03', 'JSON alone', `${browserFolder}/server.ts`, [
    "headers['content-type']?.split(';')[0] !== 'application/json'",
    "headers['content-type'] === 'none'",
  ]),
  mutation('B-04', 'no stream for another page', `${browserFolder}/request-origin.ts`, [
    'headers.origin !== `http://${host}`',
    'headers.origin === host',
  ]),
  mutation('B-05', 'a code that works once', `${browserFolder}/login-session.ts`, ['this.#loginCode = undefined;', '']),
  mutation('B-05', 'the door', `${browserFolder}/server.ts`, [
    'if (!loginSession.isAuthenticated(request.headers.cookie))',
    'if (!loginSession.isAuthenticated(request.headers.cookie) && callName === undefined)',
  ]),
  mutation('B-06', 'HttpOnly', `${browserFolder}/login-session.ts`, ['; HttpOnly', '']),
  mutation('B-06', 'SameSite', `${browserFolder}/login-session.ts`, ['; SameSite=Strict', '']),
  mutation('B-07', 'no caching', `${browserFolder}/server.ts`, [
    "response.setHeader('Cache-Control', 'no-store');",
    '',
  ]),
  mutation('B-08', 'the end of older streams', `${browserFolder}/server.ts`, [
    '    broadcaster.disconnectAll();\n',
    '',
  ]),
  mutation('B-08', 'one client', `${browserFolder}/login-session.ts`, [
    "this.#sessionToken = randomBytes(32).toString('base64url');",
    "this.#sessionToken ??= randomBytes(32).toString('base64url');",
  ]),
  mutation('B-09', 'a page for one user', `${browserFolder}/open-browser.ts`, ['mode: 0o600', 'mode: 0o644']),
  mutation('B-09', 'no address among arguments', `${browserFolder}/open-browser.ts`, [
    'open(pathToFileURL(file).href)',
    'open(address)',
  ]),
  mutation('B-10', 'no other user', `${browserFolder}/peer-uid.ts`, ['return !users.includes(owner)', 'return false']),
  mutation(
    'B-11',
    'no reuse of a cookie',
    `${browserFolder}/login-session.ts`,
    ["this.#sessionToken = randomBytes(32).toString('base64url');", "this.#sessionToken = 'known';"],
    ['#sessionToken: string | undefined;', "#sessionToken: string | undefined = 'known';"],
  ),

  mutation('F-01', 'the mode of the database', `${coreFolder}/store/open-database.ts`, [
    "closeSync(openSync(path, 'wx', 0o600))",
    "closeSync(openSync(path, 'wx', 0o644))",
  ]),
  mutation('F-01', 'the mode of the log', `${hostsFolder}/logger.ts`, [
    'sync: true, mode: 0o600',
    'sync: true, mode: 0o644',
  ]),
  mutation('F-01', 'the mode of an audit export', `${coreFolder}/audit/audit-export.ts`, [
    "flags: 'wx', mode: 0o600",
    "flags: 'wx', mode: 0o644",
  ]),
  mutation('F-01', 'the mode of a sessions export', `${coreFolder}/sessions/export-runner.ts`, [
    "flags: 'wx', mode: 0o600",
    "flags: 'wx', mode: 0o644",
  ]),
  mutation('F-01', 'the mode of a backup', `${coreFolder}/store/maintenance-task.ts`, [
    'chmodSync(temporaryFile, 0o600)',
    'chmodSync(temporaryFile, 0o644)',
  ]),
  mutation('F-01', 'the mode of the workspace', `${coreFolder}/store/open-database.ts`, [
    '    chmodSync(folder, 0o700);\n',
    '',
  ]),
  mutation('F-02', 'names of their own', `${coreFolder}/audit/audit-export.ts`, [
    '-${crypto.randomUUID().slice(0, 4)}',
    '',
  ]),
  mutation('F-02', 'no rename over what came meanwhile', `${coreFolder}/atomic-write.ts`, [
    'await link(part, file);',
    'return await rename(part, file);',
  ]),
  mutation('F-02', 'the same on a disk without second names', `${coreFolder}/atomic-write.ts`, [
    "open(file, 'wx', 0o600)",
    "open(file, 'w', 0o600)",
  ]),
  mutation('F-03', 'no link for the database', `${coreFolder}/store/open-database.ts`, [
    'if (stats && !stats.isFile())',
    'if (stats?.isDirectory())',
  ]),
  mutation('F-03', 'no link for the log', `${hostsFolder}/logger.ts`, [
    'if (found && !found.isFile())',
    'if (found?.isDirectory())',
  ]),
  mutation(
    'F-03',
    'no link for the window’s place',
    `${electronFolder}/window-state.ts`,
    ['    rmSync(`${file}.new`, { force: true });\n', ''],
    ["{ flag: 'wx', mode: 0o600 }", '{ mode: 0o600 }'],
  ),
  mutation(
    'F-03',
    'no link for the page that opens',
    `${browserFolder}/open-browser.ts`,
    ["{ flag: 'wx', mode: 0o600 }", '{ mode: 0o600 }'],
    ['  takeAway();\n', ''],
  ),
  mutation('F-04', 'the window’s place as a whole', `${electronFolder}/window-state.ts`, [
    'renameSync(`${file}.new`, file);',
    'renameSync; writeFileSync(file, JSON.stringify(value));',
  ]),
  mutation('F-04', 'a stopped export taken away', `${coreFolder}/atomic-write.ts`, [
    '    await rm(part, { force: true }).catch(() => undefined);\n',
    '',
  ]),
  mutation('F-04', 'an audit export as a whole', `${coreFolder}/audit/audit-export.ts`, [
    'await writeFileAtomically(file, (path) =>',
    'await (async (path: string, write: (path: string) => Promise<void>) => write(path))(file, (path) =>',
  ]),
  mutation('F-06', 'paths that lead out of an archive', `${coreFolder}/maintenance/zip.ts`, [
    'if (escapesArchive.test(name))',
    'if (escapesArchive.test(text))',
  ]),
  mutation('F-05', 'formulas of the audit log', `${coreFolder}/audit/audit-export.ts`, [
    'escape_formulas: true',
    'escape_formulas: false',
  ]),
  mutation('F-05', 'formulas of sessions', `${coreFolder}/sessions/export-runner.ts`, [
    'escape_formulas: true',
    'escape_formulas: false',
  ]),

  mutation('P-01', 'the list of what runs', `${hostsFolder}/security-headers.ts`, [
    'export const securityHeaders',
    "import 'vite';\nexport const securityHeaders",
  ]),
  mutation('P-02', 'exact versions', 'package.json', ['"axios": "', '"axios": "^']),
  mutation('P-03', 'an installation without scripts', '.ci/run', ['npm ci --ignore-scripts', 'npm ci']),
  mutation('P-04', 'free licences', 'package-lock.json', [
    '"node_modules/axios": {',
    '"node_modules/b": { "version": "1.0.0", "license": "GPL-3.0-only" }, "node_modules/axios": {',
  ]),
  mutation('P-04', 'nothing at the desk that asks for more', 'package-lock.json', [
    '"node_modules/axios": {',
    '"node_modules/b": { "version": "1.0.0", "license": "MPL-2.0" }, "node_modules/axios": {',
  ]),
  mutation('P-05', 'no call to anybody else', `${coreFolder}/app.ts`, [
    '  await app.switchTo(options.workspace);',
    "  await fetch('http://127.0.0.1:59999/').catch(() => undefined);\n  await app.switchTo(options.workspace);",
  ]),
  mutation('P-05', 'no dictionary of a spell checker', `${electronFolder}/security.ts`, [
    'defaultSession.setSpellCheckerLanguages([]);',
    '',
  ]),
  mutation('P-06', 'the whole bill', 'test/checks/sbom.ts', [
    "'--package-lock-only']",
    "'--package-lock-only', '--omit', 'dev']",
  ]),
];
