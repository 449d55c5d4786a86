import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { seedAudit, benchAuditKey } from '../../bench/seed.ts';
import { createAuditFixture, openFixture, type AuditFixture } from './audit-fixtures.ts';

/** A log of twenty thousand records whose key is in the keychain. */
async function createLongLogFixture(): Promise<AuditFixture> {
  const bench = createAuditFixture();
  await seedAudit(join(bench.dataFolder, 'work'), 20_000);
  bench.keychain.entries.set('work/audit-key', Buffer.from(benchAuditKey).toString('base64'));
  return bench;
}

describe('a verification', () => {
  it('tells how far it is, at most ten times a second, and ends with the whole', async () => {
    const app = await openFixture(await createLongLogFixture());
    onTestFinished(() => app.close());
    const told: { at: number; checked: number; total: number }[] = [];
    app.on('audit.verificationProgress', (progress) => told.push({ at: performance.now(), ...progress }));
    const { checked, durationMs } = await app.handlers['audit.verify']({});
    expect(checked).toBeGreaterThan(20_000);
    expect(told.length).toBeGreaterThan(0);
    expect(told.length).toBeLessThanOrEqual(2 + durationMs / 100);
    expect(told.map((one) => one.checked)).toEqual(told.map((one) => one.checked).sort((one, other) => one - other));
    expect(told.every(({ total }) => total === checked)).toBe(true);
  });

  it('is stopped when asked, says so, and leaves a record of it', async () => {
    const app = await openFixture(await createLongLogFixture());
    onTestFinished(() => app.close());
    app.on('audit.verificationProgress', () => void app.handlers['audit.stopVerification']({}));
    const { result, checked } = await app.handlers['audit.verify']({});
    expect(result).toBe('stopped');
    expect(checked).toBeLessThan(20_000);
    expect((await app.handlers['audit.page']({ before: null, limit: 1 })).rows[0]).toMatchObject({
      action: 'audit_verified',
      outcome: result,
    });
  });

  it('is one at a time', async () => {
    const app = await openFixture(await createLongLogFixture());
    onTestFinished(() => app.close());
    const running = app.handlers['audit.verify']({});
    await expect(app.handlers['audit.verify']({})).rejects.toMatchObject({
      code: 'verification_running',
      retryable: true,
    });
    await running;
    await app.handlers['audit.verify']({});
  });

  it('holds up no write', async () => {
    const app = await openFixture(await createLongLogFixture());
    onTestFinished(() => app.close());
    let written = 0;
    let verifying = true;
    const writing = (async () => {
      while (verifying) {
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
    const during = written;
    verifying = false;
    await writing;
    // Twenty slices of a thousand records, and room for a write between any two.
    expect(during).toBeGreaterThanOrEqual(5);
  });

  it('goes on under a workspace that closes, and ends with it', async () => {
    const app = await openFixture(await createLongLogFixture());
    const running = app.handlers['audit.verify']({}).catch((error: unknown) => error);
    await app.close();
    // Either the record of what was found still went in, or the store was gone by then.
    expect(await running).toSatisfy(
      (result: unknown) =>
        result instanceof Error || (typeof result === 'object' && result !== null && 'result' in result),
    );
  });
});
