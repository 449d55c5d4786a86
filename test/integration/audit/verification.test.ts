import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { seedAudit, benchAuditKey } from '../../bench/seed.ts';
import { createAuditFixture, openFixture, type AuditFixture } from './audit-fixtures.ts';
import { nonEmpty } from '../../support/non-empty.ts';

const original = createAuditFixture();
beforeAll(() => seedAudit(join(original.dataFolder, 'work'), 20_000));

/** A log of 20,000 records whose key is in the keychain. */
function createLongLogFixture(): AuditFixture {
  const fixture = createAuditFixture();
  cpSync(original.dataFolder, fixture.dataFolder, { recursive: true });
  fixture.keychain.entries.set('work/audit-key', Buffer.from(benchAuditKey).toString('base64'));
  return fixture;
}

describe('audit.verify', () => {
  it('verification: reports progress at most ten times per second and covers the whole log', async () => {
    const app = await openFixture(createLongLogFixture());
    onTestFinished(() => app.close());
    const reports: { checked: number; total: number }[] = [];
    app.on('audit.verificationProgress', (progress) => reports.push(progress));
    const { checked, durationMs } = await app.handlers['audit.verify']({});
    expect(checked).toBeGreaterThan(20_000);
    expect(reports.length).toBeGreaterThan(0);
    expect(reports.length).toBeLessThanOrEqual(2 + durationMs / 100);
    const checkedCounts = reports.map((report) => report.checked);
    expect(checkedCounts).toEqual(checkedCounts.toSorted((a, b) => a - b));
    expect(nonEmpty(reports).every(({ total }) => total === checked)).toBe(true);
  });

  it('verification: a stopped verification returns and records the result stopped', async () => {
    const app = await openFixture(createLongLogFixture());
    onTestFinished(() => app.close());
    let stopping: Promise<unknown> | undefined;
    app.on('audit.verificationProgress', () => {
      stopping ??= app.handlers['audit.stopVerification']({});
    });
    const { result, checked } = await app.handlers['audit.verify']({});
    expect(result).toBe('stopped');
    expect(checked).toBeLessThan(20_000);
    await stopping;
    expect((await app.handlers['audit.list']({ before: null, limit: 1 })).rows[0]).toMatchObject({
      action: 'audit_verified',
      outcome: result,
    });
  });

  it('verification: a second concurrent verification fails with verification_running', async () => {
    const app = await openFixture(createLongLogFixture());
    onTestFinished(() => app.close());
    const running = app.handlers['audit.verify']({});
    await expect(app.handlers['audit.verify']({})).rejects.toMatchObject({
      code: 'verification_running',
      messageKey: 'maintenance.verificationRunning',
      retryable: true,
    });
    await running;
    await app.handlers['audit.verify']({});
  });

  it('verification: writes continue while it runs', async () => {
    const app = await openFixture(createLongLogFixture());
    onTestFinished(() => app.close());
    let written = 0;
    let isVerifying = true;
    const writing = (async () => {
      while (isVerifying) {
        await app.handlers['connections.add']({
          name: `Account ${written}`,
          environment: 'sandbox',
          baseUrl: 'https://example.test',
          secret: 'xnd_development_secret',
          allowInMemory: false,
          options: { provider: 'xendit', forUserId: null },
        });
        written += 1;
      }
    })();
    await app.handlers['audit.verify']({});
    const writtenDuringVerification = written;
    isVerifying = false;
    await writing;
    // The log has twenty slices of 1,000 records, and a write can run between two slices.
    expect(writtenDuringVerification).toBeGreaterThanOrEqual(5);
  });

  it('verification: ends when the workspace closes', async () => {
    const app = await openFixture(createLongLogFixture());
    const running = app.handlers['audit.verify']({}).catch((error: unknown) => error);
    await app.close();
    // Either the result was still recorded, or the store had closed.
    expect(await running).toSatisfy(
      (result: unknown) =>
        result instanceof Error || (typeof result === 'object' && result !== null && 'result' in result),
    );
  });
});
