import { contentSecurityPolicy } from '../../src-main/hosts/security-headers.ts';
import { expect, test } from './fixtures.ts';

// Verifies E-07.
test('page: it is served with the Content-Security-Policy and nosniff', { tag: '@smoke' }, async ({ workApp: app }) => {
  const headers = await app.page.evaluate(async () => Object.fromEntries((await fetch('/')).headers));
  expect(headers['content-security-policy']).toBe(contentSecurityPolicy);
  expect(headers['x-content-type-options']).toBe('nosniff');
});

// Verifies E-02, E-20.
test('page: it has the two functions of the contract and nothing of Node or Electron', async ({ workApp: app }) => {
  const found = await app.page.evaluate(() => ({
    client: Object.keys(window.sessionDesk ?? {}).sort(),
    leaks: ['require', 'process', 'module', 'Buffer', 'electron', 'ipcRenderer', '__dirname'].filter(
      (name) => name in window,
    ),
  }));
  expect(found).toEqual({ client: app.host === 'electron' ? ['call', 'on'] : [], leaks: [] });
});

// Verifies E-07.
test('page: inline and foreign code does not run', async ({ workApp: app }) => {
  const outcome = await app.page.evaluate(async () => {
    const script = document.createElement('script');
    script.textContent = 'window.injected = true';
    document.head.append(script);
    // Code of the test driver can evaluate. Code after an asynchronous response runs under the policy of the page.
    await fetch('/');
    let evaluated = 'ran';
    try {
      // The point of the test:
      // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call
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
test('page: it cannot send requests to another host', async ({ workApp: app, simulator }) => {
  const recordCount = (await simulator.readLog()).length;
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
  expect(await simulator.readLog()).toHaveLength(recordCount);
});
