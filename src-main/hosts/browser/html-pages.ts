/** The few pages the browser host draws itself, when the console's own screen may not be shown. */

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
 * Leads on to the console after the code was traded. Not a redirect: one that began at a foreign page (a link in a
 * web mail) would arrive without the SameSite=Strict cookie; this page's own step does not.
 */
export const loginRedirectPage = renderPage(
  'Opening Session Desk',
  '<p><a href="/">Go on to the console</a></p>',
  '<meta http-equiv="refresh" content="0; url=/">',
);

/** A file that leads to the one-time address; no style sheet, because it is read from the disk. */
export function renderRedirectPage(address: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="referrer" content="no-referrer"><title>Opening Session Desk</title>
<meta http-equiv="refresh" content="0; url=${address}"></head><body><p><a href="${address}">Go on to the console</a></p></body></html>
`;
}

export const codeUsedPage = renderPage(
  'This address was used already',
  `<p>Each address that the console prints opens it once.</p>
<p>Go to the terminal in which Session Desk runs and press <kbd>Enter</kbd>: it prints a new address. Opening that one signs
out the page that was open before, so do it also if it was not you who used this address.</p>`,
);

export const signedOutPage = renderPage(
  'This browser is not signed in',
  `<p>Session Desk is open in one browser at a time, through an address that it prints in its terminal.</p>
<p>Go to the terminal in which Session Desk runs, press <kbd>Enter</kbd>, and open the new address here.</p>`,
);
