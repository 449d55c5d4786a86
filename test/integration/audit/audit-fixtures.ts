/** A desk with a few records, closed, for a test to damage its file and look what the next start makes of it. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { VerificationResult } from '../../../src-main/contract/index.ts';
import type { App, Keychain } from '../../../src-main/core/index.ts';
import { createTempFolder, memoryKeychain, openTestApp } from '../../support/app.ts';

export interface AuditFixture {
  readonly dataFolder: string;
  readonly file: string;
  readonly keychain: ReturnType<typeof memoryKeychain>;
}

/** Record 1 begins the epoch, 2 opens the workspace, one for each connection follows. */
export const connectionCount = 12;
export const lastSequence = 2 + connectionCount;

export function createAuditFixture(): AuditFixture {
  const dataFolder = createTempFolder();
  return { dataFolder, file: join(dataFolder, 'work', 'desk.sqlite'), keychain: memoryKeychain() };
}

export async function createFilledAuditFixture(): Promise<AuditFixture> {
  const bench = createAuditFixture();
  const app = await openFixture(bench);
  await addRecords(app, connectionCount);
  await app.close();
  return bench;
}

export function openFixture({ dataFolder, keychain }: { dataFolder: string; keychain: Keychain }): Promise<App> {
  return openTestApp({ dataFolder, keychain });
}

/** So many records more. */
export async function addRecords(app: App, count: number): Promise<void> {
  for (let number = 0; number < count; number += 1) {
    await app.handlers['connections.add']({
      name: `Account ${number}`,
      environment: 'sandbox',
      baseUrl: 'https://example.test',
      secret: 'xnd_development_secret',
      allowInMemory: false,
      options: { provider: 'xendit', forUserId: null },
    });
  }
}

/** What somebody with the file and without the key can do. */
export function tamperWithFile({ file }: Pick<AuditFixture, 'file'>, ...statements: string[]): void {
  const database = new DatabaseSync(file);
  database.exec('DROP TRIGGER IF EXISTS audit_never_changes; DROP TRIGGER IF EXISTS audit_never_shrinks');
  for (const statement of statements) database.exec(statement);
  database.close();
}

export async function verifyFixture(bench: { dataFolder: string; keychain: Keychain }): Promise<VerificationResult> {
  const app = await openFixture(bench);
  try {
    return await app.handlers['audit.verify']({});
  } finally {
    await app.close();
  }
}
