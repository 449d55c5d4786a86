/** A bundle for a case: what the machine, the workspace and the log say, without anything that is somebody's secret or money. */
import { closeSync, fstatSync, mkdirSync, openSync, readSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { AppError, type DiagnosticsBundle as Bundle } from '../../contract/index.ts';
import type { Connections } from '../connections/index.ts';
import type { Store } from '../store/index.ts';
import { writeFileAtomically } from '../atomic-write.ts';
import { createZip } from './zip.ts';

/** The end of the log is what a case is about. */
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

/** Gathers a bundle, and writes the very one that was looked at. */
export class DiagnosticsService {
  readonly #dependencies: DiagnosticsDependencies;
  #lastBundle: Bundle | null = null;

  constructor(dependencies: DiagnosticsDependencies) {
    this.#dependencies = dependencies;
  }

  async collect(): Promise<Bundle> {
    const { store, connections, dataFolder, folder, version, workspace } = this.#dependencies;
    const cells = await store.run('sessionCountGroups', null);
    const sessions: Record<string, number> = {};
    for (const cell of cells) sessions[cell.status] = (sessions[cell.status] ?? 0) + cell.sessions;
    const facts = {
      workspace,
      keychain: await this.#dependencies.getKeychainStatus(),
      databaseBytes: fileSize(join(folder, 'desk.sqlite')),
      walBytes: fileSize(join(folder, 'desk.sqlite-wal')),
      auditRecords: store.auditHead.sequence,
      tornWrite: store.incompleteWrite,
      sessions,
      connections: connections.list().map(({ environment, options, credential, isLocked, hasWebhookSecret }) => ({
        provider: options.provider,
        environment,
        ...(options.provider === 'flinks' && { authMode: options.authMode, credentialsIn: options.credentialsIn }),
        credential: credential.state,
        locked: isLocked,
        hasEventSecret: hasWebhookSecret,
      })),
    };
    const { node, electron, chrome, sqlite } = process.versions as Record<string, string | undefined>;
    const about = {
      madeAt: new Date().toISOString(),
      version,
      node,
      electron,
      chrome,
      sqlite,
      platform: process.platform,
      arch: process.arch,
      memory: process.memoryUsage().rss,
      upSeconds: Math.round(process.uptime()),
    };
    const texts = [
      { name: 'about.json', text: JSON.stringify(about, null, 2) },
      { name: 'workspace.json', text: JSON.stringify(facts, null, 2) },
      { name: 'desk.log', text: readTail(join(dataFolder, 'desk.log')) },
    ];
    const files = texts
      .map(({ name, text }) => ({ name, text: redactText(text) }))
      .map((part) => ({ ...part, bytes: Buffer.byteLength(part.text) }));
    this.#lastBundle = { diagnosticsId: crypto.randomUUID(), files };
    return this.#lastBundle;
  }

  /** Throws export_refused where another bundle was gathered since, or none. */
  async write(diagnosticsId: string): Promise<{ file: string }> {
    const bundle = this.#lastBundle;
    if (bundle?.diagnosticsId !== diagnosticsId) {
      throw new AppError(
        'export_refused',
        'This bundle is not the one that was gathered last. Look at it again, then write it.',
      );
    }
    const folder = join(this.#dependencies.folder, 'exports');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const file = join(folder, `diagnostics-${new Date().toISOString().replace(/[-:]/g, '').replace('.', '-')}.zip`);
    try {
      await writeFileAtomically(file, (path) =>
        writeFile(path, createZip(bundle.files, new Date()), { mode: 0o600, flag: 'wx', flush: true }),
      );
    } catch (error) {
      const full = error instanceof Error && 'code' in error && error.code === 'ENOSPC';
      const what = `The bundle could not be written to ${folder}. ${full ? 'Free some space' : 'Look at its permissions'}, then try again.`;
      throw new AppError(full ? 'disk_full' : 'folder_not_writable', what);
    }
    await this.#dependencies.store.run('appendAudit', {
      action: 'diagnostics_written',
      detail: bundle.files.map(({ name }) => name).join(', '),
    });
    return { file };
  }
}

function fileSize(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** The last whole lines of a file; nothing where there is none. */
function readTail(file: string): string {
  let handle: number;
  try {
    handle = openSync(file, 'r');
  } catch {
    return '';
  }
  try {
    const { size } = fstatSync(handle);
    const piece = Buffer.alloc(Math.min(size, maxLogBytes));
    readSync(handle, piece, 0, piece.length, size - piece.length);
    const text = piece.toString();
    return size > piece.length ? text.slice(text.indexOf('\n') + 1) : text;
  } finally {
    closeSync(handle);
  }
}

/** Nothing of this should be there in the first place; what looks like it is struck out all the same. */
export function redactText(text: string, home = homedir()): string {
  return text
    .replaceAll(home.length > 1 ? home : '\0', '~')
    .replace(/\b(?:Bearer|Basic)\s+[\w.~+/=-]+/gi, '[credential]')
    .replace(/\bxnd_\w+/g, '[key]')
    .replace(/\bps-[0-9a-f]{8,}/gi, '[session]')
    .replace(/\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi, '[id]')
    .replace(/\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b/g, '[address]')
    .replace(/[A-Za-z0-9+/_-]{32,}={0,2}/g, '[long]');
}
