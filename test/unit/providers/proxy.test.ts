import { describe, expect, it } from 'vitest';
import { isLoopback, parseProxyList, resolveProxies } from '../../../src-main/core/providers/proxy.ts';

const directRoute = [null];
const proxyRoute = (host: string, port: number, overrides: object = {}) => [
  { isSecure: false, host, port, authorization: null, ...overrides },
];
const resolveRoute = (url: string, environment: Record<string, string>) =>
  resolveProxies(new URL(url), null, environment);

describe('resolveProxies', () => {
  it.each([
    ['no variable', {}, directRoute],
    ['HTTPS_PROXY', { HTTPS_PROXY: 'http://proxy.corp:3128' }, proxyRoute('proxy.corp', 3128)],
    [
      'a variable in lower case and in upper case',
      { https_proxy: 'http://small:1', HTTPS_PROXY: 'http://large:2' },
      proxyRoute('small', 1),
    ],
    ['ALL_PROXY', { ALL_PROXY: 'http://proxy.corp' }, proxyRoute('proxy.corp', 80)],
    ['a proxy without a scheme', { HTTPS_PROXY: 'proxy.corp:3128' }, proxyRoute('proxy.corp', 3128)],
    ['an https proxy', { HTTPS_PROXY: 'https://proxy.corp' }, proxyRoute('proxy.corp', 443, { isSecure: true })],
    ['an IPv6 address', { HTTPS_PROXY: 'http://[::1]:3128' }, proxyRoute('::1', 3128)],
    [
      'a user name and a password',
      { HTTPS_PROXY: 'http://a:b%40c@p:1' },
      proxyRoute('p', 1, { authorization: `Basic ${Buffer.from('a:b@c').toString('base64')}` }),
    ],
    ['only HTTP_PROXY, which is for another scheme', { HTTP_PROXY: 'http://p:1' }, directRoute],
    ['a SOCKS proxy', { ALL_PROXY: 'socks5://p:1080' }, []],
    ['an invalid URL', { HTTPS_PROXY: 'http://' }, []],
    ['a domain in NO_PROXY', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'other.test, xendit.co' }, directRoute],
    ['a domain with a leading dot in NO_PROXY', { HTTPS_PROXY: 'http://p:1', NO_PROXY: '.xendit.co' }, directRoute],
    ['a domain with a wildcard in NO_PROXY', { HTTPS_PROXY: 'http://p:1', NO_PROXY: '*.xendit.co' }, directRoute],
    ['* in NO_PROXY', { HTTPS_PROXY: 'http://p:1', NO_PROXY: '*' }, directRoute],
    ['the same port in NO_PROXY', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'api.xendit.co:443' }, directRoute],
    ['another port in NO_PROXY', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'api.xendit.co:8443' }, proxyRoute('p', 1)],
    [
      'names in NO_PROXY that only end alike',
      { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'notxendit.co,dit.co' },
      proxyRoute('p', 1),
    ],
  ])('environment variables: with %s, the route is as expected', async (_name, environment, expected) => {
    expect(await resolveRoute('https://api.xendit.co/', environment)).toEqual(expected);
  });
});

describe('parseProxyList', () => {
  it.each([
    ['DIRECT', directRoute],
    ['', directRoute],
    ['PROXY p:3128', proxyRoute('p', 3128)],
    ['PROXY p:3128; DIRECT', [...proxyRoute('p', 3128), null]],
    ['PROXY p:1; HTTP q:2;PROXY p:1', ['p', 'q', 'p'].flatMap((host) => proxyRoute(host, host === 'p' ? 1 : 2))],
    ['HTTPS p:443', proxyRoute('p', 443, { isSecure: true })],
    ['SOCKS5 s:1080; PROXY p:1', proxyRoute('p', 1)],
    ['SOCKS s:1; DIRECT', directRoute],
    ['SOCKS5 s:1080', []],
    ['unknown text', []],
  ])('proxy list: “%s” gives the supported proxies in their order', (pacResult, expected) => {
    expect(parseProxyList(pacResult)).toEqual(expected);
  });
});

describe('isLoopback', () => {
  it('loopback: only real loopback hosts count, and they never use a proxy', async () => {
    expect(['localhost', '127.0.0.1', '127.9.9.9', '[::1]'].map(isLoopback)).toEqual([true, true, true, true]);
    expect(['localhost.evil.test', '127.0.0.1.evil.test', '10.0.0.1', '[::2]', 'local'].map(isLoopback)).toEqual([
      false,
      false,
      false,
      false,
      false,
    ]);
    expect(await resolveProxies(new URL('https://127.0.0.1:1/'), () => Promise.resolve('PROXY p:1'), {})).toEqual(
      directRoute,
    );
  });
});
