/** The child processes of the tests: built by build-store-worker.ts for the integration tests, otherwise the source. */
import { fileURLToPath } from 'node:url';

/** The source of each process, relative to the project folder. */
export const testProcesses = {
  'app-process': 'test/support/app-process.ts',
  simulator: 'src-main/core/simulator/cli.ts',
  writer: 'test/soak/writer.ts',
} as const;

/** Returns the path of the file to start. */
export function testProcessFile(name: keyof typeof testProcesses): string {
  const buildFolder = process.env['TEST_PROCESSES'];
  return fileURLToPath(
    buildFolder === undefined
      ? new URL(`../../${testProcesses[name]}`, import.meta.url)
      : new URL(`${name}.mjs`, buildFolder),
  );
}
