/** HTML pages that the browser host shows before login. */

export const pageStyles = `
:root { color-scheme: light dark; font: 15px/1.6 system-ui, sans-serif; }
body { margin: 18vh auto 0; max-width: 34rem; padding: 0 1.5rem; }
h1 { font-size: 1.25rem; font-weight: 600; }
kbd { border: 1px solid; border-radius: 4px; font: inherit; padding: 0 .35em; }
`;

function renderPage(title: string, body: string, head = ''): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title} · Session Desk</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="/login.css">${head}</head>
<body><main><h1>${title}</h1>${body}</main></body>
</html>`;
}

/**
 * Stores the token of the login in the tab and opens Session Desk. An HTTP redirect would not send the SameSite=Strict
 * cookie if the operator followed a link on another site, e.g. in a web mail; a navigation that starts on this page
 * does.
 */
export function renderLoginPage(token: string): string {
  return renderPage(
    'Opening Session Desk',
    '<noscript><p>Session Desk needs JavaScript. Allow it for this address, then open a new address.</p></noscript>',
    `<meta name="session-token" content="${token}"><script src="/login.js" defer></script>`,
  );
}

/** The storage belongs to one tab and one origin: pages of other ports cannot read it. `replace` removes the code. */
export const loginScript = `
sessionStorage.setItem('sessionToken', document.querySelector('meta[name="session-token"]').content);
location.replace('/');
`;

/** A file that redirects to the one-time address. It has no style sheet, because it is read from the disk. */
export function renderRedirectPage(address: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="referrer" content="no-referrer">
<title>Opening Session Desk</title><meta http-equiv="refresh" content="0; url=${address}"></head>
<body><p><a href="${address}">Continue to Session Desk</a></p></body></html>
`;
}

export const codeUsedPage = renderPage(
  'This address was already used',
  `<p>Each address that Session Desk prints works only once.</p>
<p>Go to the terminal in which Session Desk is running and press <kbd>Enter</kbd> to get a new address. Opening the new
address signs out the page that was open before. If you did not use this address yourself, do this now.</p>`,
);

export const signedOutPage = renderPage(
  'This browser is not signed in',
  `<p>Session Desk can be open in only one browser at a time. To open it, use the address that it prints in its
terminal.</p>
<p>Go to the terminal in which Session Desk is running, press <kbd>Enter</kbd>, and open the new address here.</p>`,
);
