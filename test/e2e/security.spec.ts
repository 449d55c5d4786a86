import { contentSecurityPolicy } from '../../src-main/hosts/security-headers.ts';
import { expect, test } from './fixtures.ts';

// Verifies E-07.
test('the page comes with the policy, and its files unsniffed', async ({ app }) => {
  const headers = await app.page.evaluate(async () => Object.fromEntries((await fetch('/')).headers));
  expect(headers['content-security-policy']).toBe(contentSecurityPolicy);
  expect(headers['x-content-type-options']).toBe('nosniff');
});

// Verifies E-02, E-20.
test('the page has the two functions of the contract and nothing of Node or Electron', async ({ app }) => {
  const found = await app.page.evaluate(() => ({
    client: Object.keys(window.sessionDesk ?? {}).sort(),
    leaks: ['require', 'process', 'module', 'Buffer', 'electron', 'ipcRenderer', '__dirname'].filter(
      (name) => name in window,
    ),
  }));
  expect(found).toEqual({ client: app.host === 'electron' ? ['call', 'on'] : [], leaks: [] });
});

// Verifies E-07.
test("code that is not the console's own does not run", async ({ app }) => {
  const outcome = await app.page.evaluate(async () => {
    const script = document.createElement('script');
    script.textContent = 'window.injected = true';
    document.head.append(script);
    // The tester's own code may evaluate; what runs after an answer from outside is the page's again.
    await fetch('/');
    let evaluated = 'ran';
    try {
      // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- the point of the test
      new Function('return 1')();
    } catch {
      evaluated = 'refused';
    }
    return { evaluated, injected: 'injected' in window };
  });
  expect(outcome).toEqual({ evaluated: 'refused', injected: false });
  await expect.poll(() => app.pageErrors.splice(0).join('\n')).toContain('Content Security Policy');
});

// Verifies E-07.
test('nothing is sent to another place', async ({ app, simulator }) => {
  const outcome = await app.page.evaluate(
    (url) =>
      fetch(url).then(
        () => 'sent',
        () => 'refused',
      ),
    simulator.url,
  );
  expect(outcome).toBe('refused');
  await expect.poll(() => app.pageErrors.splice(0).join('\n')).toContain('Content Security Policy');
  expect((await simulator.readLog()).map((record) => record.kind)).toEqual(['started']);
});
