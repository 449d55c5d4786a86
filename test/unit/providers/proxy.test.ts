import { describe, expect, it } from 'vitest';
import { isLoopback, parseProxyList, resolveProxy } from '../../../src-main/core/providers/proxy.ts';

const directRoute = { kind: 'direct' };
const proxyRoute = (host: string, port: number, more: object = {}) => ({
  kind: 'proxy',
  proxy: { isSecure: false, host, port, authorization: null, ...more },
});
const resolveRoute = (url: string, environment: Record<string, string>) =>
  resolveProxy(new URL(url), null, environment);

describe('the environment', () => {
  it.each([
    ['nothing set', {}, directRoute],
    ['HTTPS_PROXY', { HTTPS_PROXY: 'http://proxy.corp:3128' }, proxyRoute('proxy.corp', 3128)],
    ['lower case first', { https_proxy: 'http://small:1', HTTPS_PROXY: 'http://large:2' }, proxyRoute('small', 1)],
    ['ALL_PROXY', { ALL_PROXY: 'http://proxy.corp' }, proxyRoute('proxy.corp', 80)],
    ['no scheme', { HTTPS_PROXY: 'proxy.corp:3128' }, proxyRoute('proxy.corp', 3128)],
    ['TLS to the proxy', { HTTPS_PROXY: 'https://proxy.corp' }, proxyRoute('proxy.corp', 443, { isSecure: true })],
    ['IPv6', { HTTPS_PROXY: 'http://[::1]:3128' }, proxyRoute('::1', 3128)],
    [
      'a name and a password',
      { HTTPS_PROXY: 'http://a:b%40c@p:1' },
      proxyRoute('p', 1, { authorization: `Basic ${Buffer.from('a:b@c').toString('base64')}` }),
    ],
    ['HTTP_PROXY alone, which is for another scheme', { HTTP_PROXY: 'http://p:1' }, directRoute],
    ['SOCKS', { ALL_PROXY: 'socks5://p:1080' }, { kind: 'unusable' }],
    ['nonsense', { HTTPS_PROXY: 'http://' }, { kind: 'unusable' }],
    ['an exemption', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'other.test, xendit.co' }, directRoute],
    ['an exemption with a dot', { HTTPS_PROXY: 'http://p:1', NO_PROXY: '.xendit.co' }, directRoute],
    ['an exemption with a star', { HTTPS_PROXY: 'http://p:1', NO_PROXY: '*.xendit.co' }, directRoute],
    ['an exemption of everything', { HTTPS_PROXY: 'http://p:1', NO_PROXY: '*' }, directRoute],
    ['an exemption with the port', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'api.xendit.co:443' }, directRoute],
    ['an exemption of another port', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'api.xendit.co:8443' }, proxyRoute('p', 1)],
    [
      'an exemption of a longer name',
      { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'notxendit.co,dit.co' },
      proxyRoute('p', 1),
    ],
  ])('with %s', async (_name, environment, expected) => {
    expect(await resolveRoute('https://api.xendit.co/', environment)).toEqual(expected);
  });
});

describe('the host’s answer', () => {
  it.each([
    ['DIRECT', directRoute],
    ['', directRoute],
    ['PROXY p:3128', proxyRoute('p', 3128)],
    ['PROXY p:3128; DIRECT', proxyRoute('p', 3128)],
    ['HTTPS p:443', proxyRoute('p', 443, { isSecure: true })],
    ['SOCKS5 s:1080; PROXY p:1', proxyRoute('p', 1)],
    ['SOCKS s:1; DIRECT', directRoute],
    ['SOCKS5 s:1080', { kind: 'unusable' }],
    ['something else', { kind: 'unusable' }],
  ])('%s', (answer, expected) => {
    expect(parseProxyList(answer)).toEqual(expected);
  });
});

it('knows loopback, and what only looks like it', async () => {
  expect(['localhost', '127.0.0.1', '127.9.9.9', '[::1]'].map(isLoopback)).toEqual([true, true, true, true]);
  expect(['localhost.evil.test', '127.0.0.1.evil.test', '10.0.0.1', '[::2]', 'local'].map(isLoopback)).toEqual([
    false,
    false,
    false,
    false,
    false,
  ]);
  expect(await resolveProxy(new URL('https://127.0.0.1:1/'), () => Promise.resolve('PROXY p:1'), {})).toEqual(
    directRoute,
  );
});
