/** A closed app with a few audit records. A test damages its file and opens it again. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import type { VerificationResult } from '../../../src-main/contract/index.ts';
import { auditHeadAccount } from '../../../src-main/core/audit/key-material.ts';
import type { App, Keychain } from '../../../src-main/core/index.ts';
import { createTempFolder, memoryKeychain, openTestApp } from '../../support/app.ts';
import { tamperWithFile } from '../../support/tamper-with-file.ts';

export interface AuditFixture {
  readonly dataFolder: string;
  readonly file: string;
  readonly keychain: ReturnType<typeof memoryKeychain>;
}

/** Record 1 begins the epoch, record 2 opens the workspace, then one record per connection follows. */
export const connectionCount = 12;
export const lastSequence = 2 + connectionCount;

export function createAuditFixture(): AuditFixture {
  const dataFolder = createTempFolder();
  return { dataFolder, file: join(dataFolder, 'work', 'desk.sqlite'), keychain: memoryKeychain() };
}

let filledFixture: Promise<AuditFixture> | undefined;

/** A copy of a filled log that is created once. All copies have the same key and the same log id. */
export async function createFilledAuditFixture(): Promise<AuditFixture> {
  const original = await (filledFixture ??= createOtherFilledAuditFixture());
  const copy = createAuditFixture();
  cpSync(original.dataFolder, copy.dataFolder, { recursive: true });
  const accountOf = ({ dataFolder }: AuditFixture) => `work/${auditHeadAccount(join(dataFolder, 'work'))}`;
  for (const [account, secret] of original.keychain.entries)
    copy.keychain.entries.set(account === accountOf(original) ? accountOf(copy) : account, secret);
  return copy;
}

/** A filled log with its own key and log id. */
export async function createOtherFilledAuditFixture(): Promise<AuditFixture> {
  const fixture = createAuditFixture();
  const app = await openFixture(fixture);
  await addRecords(app, connectionCount);
  await app.close();
  return fixture;
}

export function openFixture({ dataFolder, keychain }: { dataFolder: string; keychain: Keychain }): Promise<App> {
  return openTestApp({ dataFolder, keychain });
}

/** Appends `count` records: one per added connection. */
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

/** Changes the file as somebody without the audit key could. */
export function tamperWithFixture({ file }: Pick<AuditFixture, 'file'>, ...statements: string[]): void {
  tamperWithFile(file, ...statements);
}

export async function verifyFixture(fixture: { dataFolder: string; keychain: Keychain }): Promise<VerificationResult> {
  const app = await openFixture(fixture);
  try {
    return await app.handlers['audit.verify']({});
  } finally {
    await app.close();
  }
}
