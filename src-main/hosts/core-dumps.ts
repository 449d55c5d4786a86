/** A crash must not write the process's memory, secrets and all, to the disk. */
import { spawnSync } from 'node:child_process';

/**
 * Sets the limit of core dumps to nothing, for this process and all that it starts. Node has no call for it, so Linux's
 * own `prlimit` is asked. macOS writes none unless told to; Windows asks the person before it keeps one.
 */
export function disableCoreDumps(): void {
  if (process.platform === 'linux')
    spawnSync('prlimit', ['--pid', String(process.pid), '--core=0:0'], { stdio: 'ignore' });
}
