/**
 * Diagnostics bundle for support: information about the computer, the workspace and the log, without secrets or payment
 * data.
 */
import { closeSync, fstatSync, readSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import {
  AppError,
  createMessage,
  getErrorCode,
  isAppError,
  type DiagnosticsBundle as Bundle,
} from '../../contract/index.ts';
import type { Connections } from '../connections/index.ts';
import { confidentialPatterns } from '../providers/index.ts';
import type { Store } from '../store/index.ts';
import { writeFileAtomically } from '../atomic-write.ts';
import { formatFileTime } from '../file-formats.ts';
import { ensurePrivateFolder } from '../private-folder.ts';
import { openRegularFileSync } from '../regular-file.ts';
import { createZip } from './zip.ts';

/** Only the end of the log is included. */
const maxLogBytes = 256_000;

interface DiagnosticsDependencies {
  readonly store: Store;
  readonly connections: Connections;
  readonly dataFolder: string;
  readonly folder: string;
  readonly version: string;
  readonly workspace: string;
  getKeychainStatus(): Promise<string>;
}

/** Collects a bundle for review, and saves exactly the reviewed one. */
export class DiagnosticsService {
  readonly #dependencies: DiagnosticsDependencies;
  #lastBundle: Bundle | null = null;

  constructor(dependencies: DiagnosticsDependencies) {
    this.#dependencies = dependencies;
  }

  async collect(): Promise<Bundle> {
    const { store, connections, dataFolder, folder, version, workspace } = this.#dependencies;
    const groups = await store.run('sessionCountGroups', null);
    const sessions: Record<string, number> = {};
    for (const group of groups) sessions[group.status] = (sessions[group.status] ?? 0) + group.sessions;
    const workspaceInfo = {
      workspace,
      keychain: await this.#dependencies.getKeychainStatus(),
      databaseBytes: fileSize(join(folder, 'desk.sqlite')),
      walBytes: fileSize(join(folder, 'desk.sqlite-wal')),
      auditRecords: store.auditHead.sequence,
      incompleteWrite: store.incompleteWrite,
      sessions,
      connections: connections.list().map(({ environment, options, credential, isLocked, hasWebhookSecret }) => ({
        provider: options.provider,
        environment,
        ...(options.provider === 'flinks' && { authMode: options.authMode, credentialsIn: options.credentialsIn }),
        credential: credential.state,
        isLocked,
        hasWebhookSecret,
      })),
    };
    const { node, electron, chrome, sqlite } = process.versions as Record<string, string | undefined>;
    const appInfo = {
      createdAt: new Date().toISOString(),
      version,
      node,
      electron,
      chrome,
      sqlite,
      platform: process.platform,
      arch: process.arch,
      memory: process.memoryUsage().rss,
      uptimeSeconds: Math.round(process.uptime()),
    };
    const texts = [
      { name: 'about.json', text: JSON.stringify(appInfo, null, 2) },
      { name: 'workspace.json', text: JSON.stringify(workspaceInfo, null, 2) },
      { name: 'desk.log', text: readTail(join(dataFolder, 'desk.log')) },
    ];
    const files = texts
      .map(({ name, text }) => ({ name, text: redactText(text) }))
      .map((file) => ({ ...file, bytes: Buffer.byteLength(file.text) }));
    this.#lastBundle = { diagnosticsId: crypto.randomUUID(), files };
    return this.#lastBundle;
  }

  /**
   * Saves the bundle as a ZIP file in `exports`. Throws export_refused if it is not the last collected bundle, and
   * disk_full or folder_not_writable.
   */
  async write(diagnosticsId: string): Promise<{ file: string }> {
    const bundle = this.#lastBundle;
    if (bundle?.diagnosticsId !== diagnosticsId) {
      throw new AppError('export_refused', createMessage('maintenance.diagnosticsOutdated'));
    }
    const folder = join(this.#dependencies.folder, 'exports');
    const file = join(folder, `diagnostics-${formatFileTime()}.zip`);
    try {
      ensurePrivateFolder(folder);
      await writeFileAtomically(file, (path) =>
        writeFile(path, createZip(bundle.files, new Date()), { mode: 0o600, flag: 'wx', flush: true }),
      );
    } catch (error) {
      if (isAppError(error)) throw error;
      throw getErrorCode(error) === 'ENOSPC'
        ? new AppError('disk_full', createMessage('maintenance.diagnosticsDiskFull', { folder }))
        : new AppError('folder_not_writable', createMessage('maintenance.diagnosticsNotWritable', { folder }));
    }
    await this.#dependencies.store.run('appendAudit', {
      action: 'diagnostics_written',
      detail: { kind: 'files', files: bundle.files.map(({ name }) => name) },
    });
    return { file };
  }
}

function fileSize(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** Returns the last complete lines of a file, or an empty text if it cannot be opened or is not a regular file. */
function readTail(file: string): string {
  let descriptor: number | null;
  try {
    descriptor = openRegularFileSync(file);
  } catch {
    return '';
  }
  if (descriptor === null) return '';
  try {
    const { size } = fstatSync(descriptor);
    const buffer = Buffer.alloc(Math.min(size, maxLogBytes));
    readSync(descriptor, buffer, 0, buffer.length, size - buffer.length);
    const text = buffer.toString();
    return size > buffer.length ? text.slice(text.indexOf('\n') + 1) : text;
  } finally {
    closeSync(descriptor);
  }
}

/** Replaces text that looks like a secret or an identifier, as a second line of defence. */
export function redactText(text: string, home = homedir()): string {
  return confidentialPatterns
    .reduce(
      (result, [pattern, replacement]) => result.replace(pattern, replacement),
      text.replaceAll(home.length > 1 ? home : '\0', '~'),
    )
    .replace(/[A-Za-z0-9+/_-]{32,}={0,2}/g, '[hidden]');
}
