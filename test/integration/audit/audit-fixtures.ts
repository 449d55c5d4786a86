/** A desk with a few records, closed, for a test to damage its file and look what the next start makes of it. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { AuditVerdict } from '../../../src-main/contract/index.ts';
import type { Desk, Keychain } from '../../../src-main/core/index.ts';
import { freshFolder, memoryKeychain, openTestDesk } from '../../support/app.ts';

export interface Bench {
  readonly dataFolder: string;
  readonly file: string;
  readonly keychain: ReturnType<typeof memoryKeychain>;
}

/** Record 1 begins the epoch, 2 opens the workspace, one for each connection follows. */
export const connections = 12;
export const lastRecord = 2 + connections;

export function freshBench(): Bench {
  const dataFolder = freshFolder();
  return { dataFolder, file: join(dataFolder, 'work', 'desk.sqlite'), keychain: memoryKeychain() };
}

export async function usedBench(): Promise<Bench> {
  const bench = freshBench();
  const desk = await open(bench);
  await record(desk, connections);
  await desk.close();
  return bench;
}

export function open({ dataFolder, keychain }: { dataFolder: string; keychain: Keychain }): Promise<Desk> {
  return openTestDesk({ dataFolder, keychain });
}

/** So many records more. */
export async function record(desk: Desk, count: number): Promise<void> {
  for (let number = 0; number < count; number += 1) {
    await desk.handlers['connections.add']({
      name: `Account ${number}`,
      environment: 'sandbox',
      baseUrl: 'https://example.test',
      secret: 'xnd_development_secret',
      keepForThisRun: false,
      options: { provider: 'xendit', forUserId: null },
    });
  }
}

/** What somebody with the file and without the key can do. */
export function tamper({ file }: Pick<Bench, 'file'>, ...statements: string[]): void {
  const database = new DatabaseSync(file);
  database.exec('DROP TRIGGER IF EXISTS audit_never_changes; DROP TRIGGER IF EXISTS audit_never_shrinks');
  for (const statement of statements) database.exec(statement);
  database.close();
}

export async function verdictOf(bench: { dataFolder: string; keychain: Keychain }): Promise<AuditVerdict> {
  const desk = await open(bench);
  try {
    return await desk.handlers['audit.verify']({});
  } finally {
    await desk.close();
  }
}
