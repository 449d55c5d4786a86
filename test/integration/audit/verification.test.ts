import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { seedAudit, benchKey } from '../../bench/seed.ts';
import { freshBench, open, type Bench } from './audit-fixtures.ts';

/** A log of twenty thousand records whose key is in the keychain. */
async function longLog(): Promise<Bench> {
  const bench = freshBench();
  await seedAudit(join(bench.dataFolder, 'work'), 20_000);
  bench.keychain.entries.set('work/audit-key', Buffer.from(benchKey).toString('base64'));
  return bench;
}

describe('a verification', () => {
  it('tells how far it is, at most ten times a second, and ends with the whole', async () => {
    const desk = await open(await longLog());
    onTestFinished(() => desk.close());
    const told: { at: number; checked: number; total: number }[] = [];
    desk.on('audit.verifying', (progress) => told.push({ at: performance.now(), ...progress }));
    const { checked, durationMs } = await desk.handlers['audit.verify']({});
    expect(checked).toBeGreaterThan(20_000);
    expect(told.length).toBeGreaterThan(0);
    expect(told.length).toBeLessThanOrEqual(2 + durationMs / 100);
    expect(told.map((one) => one.checked)).toEqual(told.map((one) => one.checked).sort((one, other) => one - other));
    expect(told.every(({ total }) => total === checked)).toBe(true);
  });

  it('is stopped when asked, says so, and leaves a record of it', async () => {
    const desk = await open(await longLog());
    onTestFinished(() => desk.close());
    desk.on('audit.verifying', () => void desk.handlers['audit.stopVerification']({}));
    const { verdict, checked } = await desk.handlers['audit.verify']({});
    expect(verdict).toBe('stopped');
    expect(checked).toBeLessThan(20_000);
    expect((await desk.handlers['audit.page']({ before: null, limit: 1 })).rows[0]).toMatchObject({
      action: 'audit_verified',
      outcome: verdict,
    });
  });

  it('is one at a time', async () => {
    const desk = await open(await longLog());
    onTestFinished(() => desk.close());
    const running = desk.handlers['audit.verify']({});
    await expect(desk.handlers['audit.verify']({})).rejects.toMatchObject({
      code: 'verification_running',
      retryable: true,
    });
    await running;
    await desk.handlers['audit.verify']({});
  });

  it('holds up no write', async () => {
    const desk = await open(await longLog());
    onTestFinished(() => desk.close());
    let written = 0;
    let verifying = true;
    const writing = (async () => {
      while (verifying) {
        await desk.handlers['connections.add']({
          name: `Account ${written}`,
          environment: 'sandbox',
          baseUrl: 'https://example.test',
          secret: 'xnd_development_secret',
          keepForThisRun: false,
          options: { provider: 'xendit', forUserId: null },
        });
        written += 1;
      }
    })();
    await desk.handlers['audit.verify']({});
    const during = written;
    verifying = false;
    await writing;
    // Twenty slices of a thousand records, and room for a write between any two.
    expect(during).toBeGreaterThanOrEqual(5);
  });

  it('goes on under a workspace that closes, and ends with it', async () => {
    const desk = await open(await longLog());
    const running = desk.handlers['audit.verify']({}).catch((error: unknown) => error);
    await desk.close();
    // Either the record of what was found still went in, or the store was gone by then.
    expect(await running).toSatisfy(
      (result: unknown) =>
        result instanceof Error || (typeof result === 'object' && result !== null && 'verdict' in result),
    );
  });
});
