/** Key and head in the real keychain of the system. */
import { expect, it, onTestFinished } from 'vitest';
import { createOsKeychain, type Keychain } from '../../../src-main/core/index.ts';
import { createAuditFixture, openFixture, addRecords, tamperWithFile, verifyFixture } from './audit-fixtures.ts';

/** Apart from every other test's; `names` are the accounts that were written. */
function createTestKeychain(): Keychain & { readonly names: Set<string> } {
  const real = createOsKeychain();
  const names = new Set<string>();
  const own = `test-${crypto.randomUUID()}`;
  onTestFinished(async () => {
    for (const name of names) await real.remove(`${own}/${name}`);
  });
  return {
    names,
    get: (account) => real.get(`${own}/${account}`),
    set: (account, secret) => real.set(`${own}/${names.add(account) && account}`, secret),
    remove: (account) => real.remove(`${own}/${account}`),
  };
}

it('vouches for a log over several runs, and shows a tail that was cut in between', async () => {
  const bench = { ...createAuditFixture(), keychain: createTestKeychain() };
  const app = await openFixture(bench);
  await addRecords(app, 5);
  await app.close();
  expect(
    [...bench.keychain.names]
      .filter((name) => name.includes('audit'))
      .map((name) => name.replace(/-[0-9a-f]{16}$/, ''))
      .sort(),
  ).toEqual(['work/audit-head', 'work/audit-key']);
  const { result, checked, head } = await verifyFixture(bench);
  expect([result, head.location]).toEqual(['intact', 'keychain']);
  tamperWithFile(bench, `DELETE FROM audit WHERE sequence > ${checked - 1}`);
  expect((await verifyFixture(bench)).damages[0]).toMatchObject({ kind: 'tail_cut', sequence: checked });
});
