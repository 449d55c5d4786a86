import { contentSecurityPolicy } from '../../src-main/hosts/static-files.ts';
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
    try {
      script.append('window.injected = true');
      document.head.append(script);
    } catch {
      // Trusted Types refuse the text before the policy refuses the script.
    }
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
  await expect.poll(() => app.pageErrors.splice(0).join('\n')).toContain('TrustedScript');
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

// Verifies E-27.
test('page: a text cannot become HTML, a script or code, and no other policy can be created', async ({
  workApp: app,
}) => {
  const outcomes = await app.page.evaluate(async () => {
    // Code of the test driver can evaluate. Code after an asynchronous response runs under the policy of the page.
    await fetch('/');
    const html = '<img src="x" onerror="window.injected = true">';
    const script = document.createElement('script');
    const { trustedTypes } = window as unknown as {
      trustedTypes: { createPolicy(name: string, rules: object): object };
    };
    const attempts: Record<string, () => unknown> = {
      innerHTML: () => (document.createElement('div').innerHTML = html),
      insertAdjacentHTML: () => document.body.insertAdjacentHTML('beforeend', html),
      parser: () => new DOMParser().parseFromString(html, 'text/html'),
      srcdoc: () => (document.createElement('iframe').srcdoc = html),
      scriptSource: () => (script.src = '/assets/index.js'),
      scriptText: () => (script.text = 'window.injected = true'),
      eventHandler: () => document.body.setAttribute('onclick', 'window.injected = true'),
      eval: () => globalThis.eval('window.injected = true'),
      otherPolicy: () => trustedTypes.createPolicy('other', {}),
      secondPolicyOfVue: () => trustedTypes.createPolicy('vue', {}),
      defaultPolicy: () => trustedTypes.createPolicy('default', {}),
    };
    const accepted = Object.keys(attempts).filter((name) => {
      try {
        attempts[name]?.();
        return true;
      } catch {
        return false;
      }
    });
    return { accepted, injected: 'injected' in window };
  });
  expect(outcomes).toEqual({ accepted: [], injected: false });
  await expect.poll(() => app.pageErrors.splice(0).join('\n')).toContain('TrustedHTML');
});
