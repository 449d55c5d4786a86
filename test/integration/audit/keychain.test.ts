/** The audit key and the log head in the real keychain of the operating system. */
import { expect, it, onTestFinished } from 'vitest';
import { createOsKeychain, type Keychain } from '../../../src-main/core/index.ts';
import { createAuditFixture, openFixture, addRecords, tamperWithFixture, verifyFixture } from './audit-fixtures.ts';

/** Uses a prefix of its own, so that tests do not share entries. `names`: the accounts that were written. */
function createTestKeychain(): Keychain & { readonly names: Set<string> } {
  const osKeychain = createOsKeychain();
  const names = new Set<string>();
  const prefix = `test-${crypto.randomUUID()}`;
  onTestFinished(async () => {
    for (const name of names) await osKeychain.remove(`${prefix}/${name}`);
  });
  return {
    names,
    get: (account) => osKeychain.get(`${prefix}/${account}`),
    set: (account, secret) => osKeychain.set(`${prefix}/${names.add(account) && account}`, secret),
    remove: (account) => osKeychain.remove(`${prefix}/${account}`),
  };
}

it('OS keychain: a log verifies over several runs, and records that are cut from its end are detected', async () => {
  const fixture = { ...createAuditFixture(), keychain: createTestKeychain() };
  const app = await openFixture(fixture);
  await addRecords(app, 5);
  await app.close();
  expect(
    [...fixture.keychain.names]
      .filter((name) => name.includes('audit'))
      .map((name) => name.replace(/-[0-9a-f]{16}$/, ''))
      .sort(),
  ).toEqual(['work/audit-head', 'work/audit-key']);
  const { result, checked, head } = await verifyFixture(fixture);
  expect([result, head.location]).toEqual(['intact', 'keychain']);
  tamperWithFixture(fixture, `DELETE FROM audit WHERE sequence > ${checked - 1}`);
  expect((await verifyFixture(fixture)).damages[0]).toMatchObject({ kind: 'tail_cut', sequence: checked });
});
