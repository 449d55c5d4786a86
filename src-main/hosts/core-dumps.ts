/** Prevents that a crash writes the process memory, including secrets, to the disk. */
import { spawnSync } from 'node:child_process';

/**
 * Sets the core dump limit of this process and its child processes to 0 on Linux, with `prlimit` because Node has no
 * API for it. macOS writes no core dumps by default; Windows asks the user before it stores one.
 */
export function disableCoreDumps(): void {
  if (process.platform === 'linux')
    spawnSync('prlimit', ['--pid', String(process.pid), '--core=0:0'], { stdio: 'ignore' });
}
