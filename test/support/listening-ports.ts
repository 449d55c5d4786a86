/** The TCP ports on which a process listens. Linux only. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const listenState = '0A';

export function findListeningPorts(processId: number): number[] {
  const inodes = new Set(readdirSync(`/proc/${processId}/fd`).map((name) => readSocketInode(processId, name)));
  return ['tcp', 'tcp6']
    .flatMap((table) => readFileSync(`/proc/${processId}/net/${table}`, 'utf8').split('\n').slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , state, , , , , , inode]) => state === listenState && inode !== undefined && inodes.has(inode))
    .map(([, address = '']) => parseInt(address.split(':')[1] ?? '', 16));
}

/** Null for a descriptor of another kind, or one that was closed meanwhile. */
function readSocketInode(processId: number, name: string): string | null {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${processId}/fd/${name}`))?.[1] ?? null;
  } catch {
    return null;
  }
}
