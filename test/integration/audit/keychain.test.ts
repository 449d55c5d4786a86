/** Key and head in the real keychain of the system. */
import { expect, it, onTestFinished } from 'vitest';
import { osKeychain, type Keychain } from '../../../src-main/core/index.ts';
import { freshBench, open, record, tamper, verdictOf } from './audit-fixtures.ts';

/** Apart from every other test's; `names` are the accounts that were written. */
function ownKeychain(): Keychain & { readonly names: Set<string> } {
  const real = osKeychain();
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
  const bench = { ...freshBench(), keychain: ownKeychain() };
  const desk = await open(bench);
  await record(desk, 5);
  await desk.close();
  expect(
    [...bench.keychain.names]
      .filter((name) => name.includes('audit'))
      .map((name) => name.replace(/-[0-9a-f]{16}$/, ''))
      .sort(),
  ).toEqual(['work/audit-head', 'work/audit-key']);
  const { verdict, checked, head } = await verdictOf(bench);
  expect([verdict, head.place]).toEqual(['intact', 'keychain']);
  tamper(bench, `DELETE FROM audit WHERE sequence > ${checked - 1}`);
  expect((await verdictOf(bench)).damages[0]).toMatchObject({ kind: 'tail_cut', sequence: checked });
});
