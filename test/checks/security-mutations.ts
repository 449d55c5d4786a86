/** Each protection as one change that takes it away: the text in the file, what is put in its place, the promise that is broken. */
import type { PromiseId } from './security-requirements.ts';

export interface Protection {
  readonly promise: PromiseId;
  /** What is missing once it is gone. */
  readonly gone: string;
  /** From the project's folder. */
  readonly file: string;
  readonly changes: readonly (readonly [text: string, instead: string])[];
}

const off = (
  promise: PromiseId,
  gone: string,
  file: string,
  ...changes: Protection['changes'][number][]
): Protection => ({ promise, gone, file, changes });

const electron = 'src-main/hosts/electron';
const browser = 'src-main/hosts/browser';
const hosts = 'src-main/hosts';
const core = 'src-main/core';

export const protections: readonly Protection[] = [
  off('E-01', 'the window without network', `${electron}/security.ts`, [
    'cancel: !mayLoad(url, origin)',
    'cancel: false',
  ]),
  off('E-01', 'no downloads', `${electron}/security.ts`, [
    "defaultSession.on('will-download'",
    "defaultSession.on('unheard'",
  ]),
  off('E-01', 'development from this machine alone', `${electron}/address.ts`, [
    'url !== null && isLoopback(url.hostname)',
    'url !== null',
  ]),
  off('E-02', 'no Node in the page', `${electron}/policy.ts`, ['nodeIntegration: false', 'nodeIntegration: true']),
  off('E-03', 'isolation of the preload', `${electron}/policy.ts`, [
    'contextIsolation: true',
    'contextIsolation: false',
  ]),
  off('E-04', 'the sandbox of the window', `${electron}/policy.ts`, ['sandbox: true', 'sandbox: false']),
  off('E-04', 'the sandbox of all else', `${electron}/security.ts`, ['app.enableSandbox();', '{}']),
  off('E-05', 'refusal of a permission that is asked for', `${electron}/security.ts`, [
    'decide(mayUse(permission, details.requestingUrl, origin))',
    'decide(true)',
  ]),
  off('E-05', 'refusal of a permission that is looked up', `${electron}/security.ts`, [
    'mayUse(permission, requestingOrigin, origin)',
    'true',
  ]),
  off('E-05', 'refusal of devices', `${electron}/security.ts`, [
    'setDevicePermissionHandler(() => false)',
    'setDevicePermissionHandler(() => true)',
  ]),
  off('E-06', 'webSecurity', `${electron}/policy.ts`, ['webSecurity: true', 'webSecurity: false']),
  off('E-07', 'no inline scripts', `${hosts}/headers.ts`, [
    '"script-src \'self\'"',
    "\"script-src 'self' 'unsafe-inline'\"",
  ]),
  off('E-07', 'the policy in the window', `${electron}/scheme.ts`, [
    "{ ...securityHeaders, 'Content-Type': type }",
    "{ 'Content-Type': type }",
  ]),
  off('E-07', 'the policy in the browser', `${browser}/server.ts`, [
    'response.setHeader(name, value);',
    'void name, void value;',
  ]),
  off('E-08', 'no insecure content', `${electron}/policy.ts`, [
    'allowRunningInsecureContent: false',
    'allowRunningInsecureContent: true',
  ]),
  off('E-09', 'no experimental features', `${electron}/policy.ts`, [
    'experimentalFeatures: false',
    'experimentalFeatures: true',
  ]),
  off('E-10', 'no Blink features', `${electron}/policy.ts`, [
    'spellcheck: false,',
    "spellcheck: false, enableBlinkFeatures: 'ExecCommandInJavaScript',",
  ]),
  off('E-11', 'no webview tag', `${electron}/policy.ts`, ['webviewTag: false', 'webviewTag: true']),
  off('E-12', 'refusal of webviews', `${electron}/security.ts`, [
    "contents.on('will-attach-webview'",
    "contents.on('unheard'",
  ]),
  off('E-13', 'the guard of navigation', `${electron}/security.ts`, [
    'event.preventDefault();\n      log.warn',
    'log.warn',
  ]),
  off('E-13', 'the guard of redirects', `${electron}/security.ts`, [
    "contents.on('will-redirect'",
    "contents.on('unheard'",
  ]),
  off('E-13', 'parsed addresses', `${electron}/address.ts`, ['originOf(url) === origin', 'address.startsWith(origin)']),
  off('E-14', 'no new windows', `${electron}/security.ts`, ["{ action: 'deny' }", "{ action: 'allow' }"]),
  off('E-15', 'the list of the gate', `${electron}/external.ts`, [
    'if (mayOpenExternally(address, allowedHosts)) void',
    'void allowedHosts, void mayOpenExternally, void',
  ]),
  off('E-15', 'https through the gate', `${electron}/address.ts`, ["url.protocol === 'https:'", 'true']),
  off('E-16', 'one Electron, by its number', 'package.json', ['"electron": "45.3.4"', '"electron": "45.3.3"']),
  off('E-16', 'the hashes in the package', `${hosts}/electron-binary.ts`, [
    'env: believing(env)',
    'env: (believing, env)',
  ]),
  off('E-17', 'the check of the sender', `${electron}/ipc.ts`, [
    'if (!isTrusted(senderOf(event, program), program.origin))',
    'if (!isTrusted(senderOf(event, program), program.origin) && !program)',
  ]),
  off('E-17', 'the main frame', `${electron}/policy.ts`, ['sender.isMainFrame && ', '']),
  off('E-17', 'our window', `${electron}/policy.ts`, ['sender.isOurWindow && ', '']),
  off('E-17', 'our page', `${electron}/policy.ts`, [
    'sender.url !== undefined && isOwnPage(sender.url, origin)',
    'true',
  ]),
  off('E-18', 'no way out of the folder', `${hosts}/files.ts`, ["segments.includes('..') || ", '']),
  off('E-18', 'GET of our own host alone', `${electron}/scheme.ts`, [
    "if (request.method !== 'GET' || !isOwnPage(request.url, appOrigin))",
    'if (!isOwnPage(appOrigin, appOrigin))',
  ]),
  off('E-19', 'a fuse', `${electron}/fuses.ts`, ['RunAsNode: false', 'RunAsNode: true']),
  off('E-19', 'all fuses required', `${electron}/fuses.ts`, [
    'strictlyRequireAllFuses: true,',
    'strictlyRequireAllFuses: false as true,',
  ]),
  off('E-20', 'no event for the page', 'src-main/preload/preload.ts', [
    'listener(payload as never)',
    'listener(_event as never)',
  ]),
  off('E-20', 'one channel', 'src-main/preload/preload.ts', [
    'ipcRenderer.invoke(callChannel, name, input)',
    'ipcRenderer.invoke(name, input)',
  ]),
  off('E-21', 'certificates checked', `${core}/providers/connect.ts`, [
    'rejectUnauthorized: true,\n        ...(tunnel',
    'rejectUnauthorized: false,\n        ...(tunnel',
  ]),
  off('E-21', 'the lint of it', 'eslint.config.js', ["'certificate-error|", "'"]),
  off('E-22', 'the lint of crash reports', 'eslint.config.js', [
    '...allow(ipcMain, ipcRenderer, shell, crashReporter)',
    '...allow(ipcMain, ipcRenderer, shell)',
  ]),
  off('E-24', 'a link that names a session and nothing else', `${electron}/link-address.ts`, [
    "url.host !== 'session'",
    'false',
  ]),
  off('E-24', 'a link that says nothing beside the name', `${electron}/link-address.ts`, [
    "every((part) => part === '')",
    'every(() => true)',
  ]),
  off('E-23', 'no developer tools', `${electron}/policy.ts`, ['devTools: development', 'devTools: true']),
  off('E-23', 'none in the menu', `${electron}/menu-template.ts`, [
    '...(development ? developing : [])',
    '...(development ? [] : developing)',
  ]),

  off('I-01', 'envelopes for failures', `${hosts}/answer.ts`, [
    '    return { ok: false, error: expected(error) ?? incident(name, error, log) };',
    '    throw expected(error) ?? incident(name, error, log);',
  ]),
  off('I-01', 'a word for a workspace that was closed', `${core}/desk.ts`, [
    'if (isDeskError(error) || current() === began) throw error;',
    'if (current() !== undefined || began) throw error;',
  ]),
  off('I-02', 'the measure of inputs', `${hosts}/answer.ts`, [
    'if (objectionTo(rawInput) !== undefined)',
    'if (objectionTo(null) !== undefined)',
  ]),
  off('I-02', 'the bound on depth', `${hosts}/measure.ts`, [' || depth >= deepest', ' || depth < 0 * deepest']),
  off('I-02', 'the bound on a body that does not say its length', `${browser}/body.ts`, [
    "if (length > longest) return { kind: 'too_long' };",
    '',
  ]),
  off('I-03', 'the schema of answers', `${hosts}/answer.ts`, [
    'contract.output.parse(await handler(input.data))',
    'await handler(input.data)',
  ]),
  off('I-03', 'the schema of events', `${hosts}/events.ts`, ['send(name, checked.data)', 'send(name, payload)']),
  off('I-04', 'the turnstile', `${hosts}/turnstile.ts`, [
    'if (this.#allowance < 1 || this.#waiting >= waiting)',
    'if (waiting < 0)',
  ]),
  off('I-04', 'the turnstile of the window', `${electron}/ipc.ts`, [
    'turnstile.pass(async () => answer((await desk).handlers, name, input, log))',
    'answer((await desk).handlers, name, input, log)',
  ]),
  off('I-04', 'the turnstile of the browser host', `${browser}/server.ts`, [
    'await turnstile.pass(async () => {',
    'await (async (call: () => Promise<Envelope<unknown>>) => call())(async () => {',
  ]),
  off('I-05', 'the schema of inputs', `${hosts}/answer.ts`, [
    'await handler(input.data)',
    'await handler(Object.assign(Object.prototype, rawInput))',
  ]),

  off('S-01', 'incidents without words', `${hosts}/answer.ts`, [
    'return { kind: error.name, code, frames };',
    'return { kind: error.name, code, frames, message: error.message };',
  ]),
  off('S-02', 'a page that forgets', 'src-renderer/views/connections/SecretInput.vue', [
    "read: (): string => input.value?.value ?? '',",
    "read: (): string => (Object.assign(window, { kept: input.value?.value }), input.value?.value ?? ''),",
  ]),
  off('S-02', 'no secret among arguments', `${core}/connections/vault.ts`, [
    'await this.#keychain.set(this.#name(account), secret);',
    "process.getBuiltinModule('node:child_process').spawn(process.execPath, ['-e', 'setTimeout(Boolean, 90_000)', secret], { stdio: 'ignore' }).unref();\n      " +
      'await this.#keychain.set(this.#name(account), secret);',
  ]),
  off('S-03', 'a contract without secrets', 'src-main/contract/connections.ts', [
    '  hasEventSecret: z.boolean(),',
    '  hasEventSecret: z.boolean(), secret: z.string().optional(),',
  ]),
  off('S-04', 'the look back', `${core}/connections/vault.ts`, [
    'if ((await this.#keychain.get(this.#name(account))) !== secret)',
    'if (secret === account)',
  ]),
  off('S-05', 'redaction of our own secrets', `${core}/providers/redact.ts`, [
    'kept = strike(kept, hide)',
    'kept = strike(kept, [])',
  ]),
  off(
    'S-06',
    'no redirects',
    `${core}/providers/http.ts`,
    ['maxRedirects: 0,', 'maxRedirects: 5,'],
    ['        transport,\n', ''],
  ),
  off('S-06', 'https', `${core}/providers/http.ts`, [
    "const isSafe = secure || (url.protocol === 'http:' && isLoopback(url.hostname));",
    "const isSafe = secure || url.protocol === 'http:';",
  ]),
  off('S-06', 'https in the form', `${core}/connections/base-url.ts`, [
    "url.protocol === 'http:' && isLoopback(url.hostname)",
    "url.protocol === 'http:'",
  ]),
  off('S-07', 'no core dumps', `${hosts}/core-dumps.ts`, ["'--core=0:0'", "'--core'"]),
  off('S-08', 'a main process that forgets', `${core}/connections/vault.ts`, [
    'await this.#keychain.set(this.#name(account), secret);',
    'this.#memory.set(`once ${account}`, secret);\n      await this.#keychain.set(this.#name(account), secret);',
  ]),
  off('S-08', 'a lane that forgets', `${core}/batches/lane.ts`, [
    'setTimeout(() => (this.#account = null), secretKeptMs).unref();',
    '',
  ]),

  off('B-01', 'loopback alone', `${browser}/server.ts`, [
    "server.listen(0, '127.0.0.1', resolve)",
    "server.listen(0, '::', resolve)",
  ]),
  off('B-02', 'the check of Host', `${browser}/origin.ts`, [
    "if (headers.host !== host) return 'The Host header is not the address of this console.';",
    '',
  ]),
  off('B-03', 'the check of Origin', `${browser}/origin.ts`, [
    'headers.origin !== `http://${host}`',
    'headers.origin === host',
  ]),
  off('B-03', 'a call without an origin refused', `${browser}/origin.ts`, ["method === 'POST'", "method === 'NONE'"]),
  off('B-03', 'the check of Sec-Fetch-Site', `${browser}/origin.ts`, [
    "return followedLink ? undefined : 'The request comes from another page.';",
    'return undefined;',
  ]),
  off('B-03', 'JSON alone', `${browser}/server.ts`, [
    "headers['content-type']?.split(';')[0] !== 'application/json'",
    "headers['content-type'] === 'none'",
  ]),
  off('B-04', 'no stream for another page', `${browser}/origin.ts`, [
    'headers.origin !== `http://${host}`',
    'headers.origin === host',
  ]),
  off('B-05', 'a code that works once', `${browser}/door.ts`, ['this.#code = undefined;', '']),
  off('B-05', 'the door', `${browser}/server.ts`, [
    'if (!door.admits(request.headers.cookie))',
    'if (!door.admits(request.headers.cookie) && callName === undefined)',
  ]),
  off('B-06', 'HttpOnly', `${browser}/door.ts`, ['; HttpOnly', '']),
  off('B-06', 'SameSite', `${browser}/door.ts`, ['; SameSite=Strict', '']),
  off('B-07', 'no caching', `${browser}/server.ts`, ["response.setHeader('Cache-Control', 'no-store');", '']),
  off('B-08', 'the end of older streams', `${browser}/server.ts`, ['    streams.endAll();\n', '']),
  off('B-08', 'one client', `${browser}/door.ts`, [
    "this.#session = randomBytes(32).toString('base64url');",
    "this.#session ??= randomBytes(32).toString('base64url');",
  ]),
  off('B-09', 'a page for one user', `${browser}/opener.ts`, ['mode: 0o600', 'mode: 0o644']),
  off('B-09', 'no address among arguments', `${browser}/opener.ts`, [
    'open(pathToFileURL(file).href)',
    'open(address)',
  ]),
  off('B-10', 'no other user', `${browser}/peer.ts`, ['return !users.includes(owner)', 'return false']),
  off(
    'B-11',
    'no reuse of a cookie',
    `${browser}/door.ts`,
    ["this.#session = randomBytes(32).toString('base64url');", "this.#session = 'known';"],
    ['#session: string | undefined;', "#session: string | undefined = 'known';"],
  ),

  off('F-01', 'the mode of the database', `${core}/store/open.ts`, [
    "closeSync(openSync(path, 'wx', 0o600))",
    "closeSync(openSync(path, 'wx', 0o644))",
  ]),
  off('F-01', 'the mode of the log', `${hosts}/log.ts`, ['sync: true, mode: 0o600', 'sync: true, mode: 0o644']),
  off('F-01', 'the mode of an audit export', `${core}/audit/export.ts`, [
    "flags: 'wx', mode: 0o600",
    "flags: 'wx', mode: 0o644",
  ]),
  off('F-01', 'the mode of a sessions export', `${core}/sessions/export-files.ts`, [
    "flags: 'wx', mode: 0o600",
    "flags: 'wx', mode: 0o644",
  ]),
  off('F-01', 'the mode of a backup', `${core}/store/errand.ts`, [
    'chmodSync(unfinished, 0o600)',
    'chmodSync(unfinished, 0o644)',
  ]),
  off('F-01', 'the mode of the workspace', `${core}/store/open.ts`, ['    chmodSync(folder, 0o700);\n', '']),
  off('F-02', 'names of their own', `${core}/audit/export.ts`, ['-${crypto.randomUUID().slice(0, 4)}', '']),
  off('F-02', 'no rename over what came meanwhile', `${core}/whole-file.ts`, [
    'await link(part, file);',
    'return await rename(part, file);',
  ]),
  off('F-02', 'the same on a disk without second names', `${core}/whole-file.ts`, [
    "open(file, 'wx', 0o600)",
    "open(file, 'w', 0o600)",
  ]),
  off('F-03', 'no link for the database', `${core}/store/open.ts`, [
    'if (found && !found.isFile())',
    'if (found?.isDirectory())',
  ]),
  off('F-03', 'no link for the log', `${hosts}/log.ts`, ['if (found && !found.isFile())', 'if (found?.isDirectory())']),
  off(
    'F-03',
    'no link for the window’s place',
    `${electron}/bounds.ts`,
    ['    rmSync(`${file}.new`, { force: true });\n', ''],
    ["{ flag: 'wx', mode: 0o600 }", '{ mode: 0o600 }'],
  ),
  off(
    'F-03',
    'no link for the page that opens',
    `${browser}/opener.ts`,
    ["{ flag: 'wx', mode: 0o600 }", '{ mode: 0o600 }'],
    ['  takeAway();\n', ''],
  ),
  off('F-04', 'the window’s place as a whole', `${electron}/bounds.ts`, [
    'renameSync(`${file}.new`, file);',
    'renameSync; writeFileSync(file, JSON.stringify(value));',
  ]),
  off('F-04', 'a stopped export taken away', `${core}/whole-file.ts`, [
    '    await rm(part, { force: true }).catch(() => undefined);\n',
    '',
  ]),
  off('F-04', 'an audit export as a whole', `${core}/audit/export.ts`, [
    'await writeWhole(file, (path) =>',
    'await (async (path: string, write: (path: string) => Promise<void>) => write(path))(file, (path) =>',
  ]),
  off('F-06', 'paths that lead out of an archive', `${core}/upkeep/zip.ts`, [
    'if (leadsOut.test(name))',
    'if (leadsOut.test(text))',
  ]),
  off('F-05', 'formulas of the audit log', `${core}/audit/export.ts`, [
    'escape_formulas: true',
    'escape_formulas: false',
  ]),
  off('F-05', 'formulas of sessions', `${core}/sessions/export-files.ts`, [
    'escape_formulas: true',
    'escape_formulas: false',
  ]),

  off('P-01', 'the list of what runs', `${hosts}/headers.ts`, [
    'export const securityHeaders',
    "import 'vite';\nexport const securityHeaders",
  ]),
  off('P-02', 'exact versions', 'package.json', ['"axios": "', '"axios": "^']),
  off('P-03', 'an installation without scripts', '.ci/run', ['npm ci --ignore-scripts', 'npm ci']),
  off('P-04', 'free licences', 'package-lock.json', [
    '"node_modules/axios": {',
    '"node_modules/b": { "version": "1.0.0", "license": "GPL-3.0-only" }, "node_modules/axios": {',
  ]),
  off('P-04', 'nothing at the desk that asks for more', 'package-lock.json', [
    '"node_modules/axios": {',
    '"node_modules/b": { "version": "1.0.0", "license": "MPL-2.0" }, "node_modules/axios": {',
  ]),
  off('P-05', 'no call to anybody else', `${core}/desk.ts`, [
    '  await desk.switchTo(options.workspace);',
    "  await fetch('http://127.0.0.1:59999/').catch(() => undefined);\n  await desk.switchTo(options.workspace);",
  ]),
  off('P-05', 'no dictionary of a spell checker', `${electron}/security.ts`, [
    'defaultSession.setSpellCheckerLanguages([]);',
    '',
  ]),
  off('P-06', 'the whole bill', 'test/checks/sbom.ts', [
    "'--package-lock-only']",
    "'--package-lock-only', '--omit', 'dev']",
  ]),
];
