/**
 * Keeps the memory of the process, which holds secrets, from other programs and from the disk. The entry modules import
 * this module first.
 */
import { spawnSync } from 'node:child_process';

// SIGUSR1 opens a debugger. With a listener, Node does not start it. Windows has no such signal.
if (process.platform !== 'win32') process.on('SIGUSR1', () => undefined);

// Sets the core dump limit of this process and its child processes to 0, with `prlimit` because Node has no API for it.
// macOS writes no core dumps by default; Windows asks the user before it stores one.
if (process.platform === 'linux')
  spawnSync('prlimit', ['--pid', String(process.pid), '--core=0:0'], { stdio: 'ignore' });
