/** The response headers of both hosts. The page can load only resources of its own origin. */

export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  // A text cannot become HTML, a script or code. Vue creates the policy `vue` once; its templates are compiled.
  "require-trusted-types-for 'script'",
  'trusted-types vue',
].join('; ');

export const securityHeaders: Readonly<Record<string, string>> = {
  'Content-Security-Policy': contentSecurityPolicy,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/**
 * The headers of the browser host. `Connection-Allowlist` limits all connections of the page to its own origin, also
 * those of WebRTC, which the Content-Security-Policy does not cover. Chromium implements it for http; other browsers
 * ignore it. https://wicg.github.io/connection-allowlists/
 */
export const browserSecurityHeaders: Readonly<Record<string, string>> = {
  ...securityHeaders,
  'Connection-Allowlist': '(response-origin)',
};
