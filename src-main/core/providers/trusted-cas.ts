/** The certificate authorities that TLS connections trust: those of Node and, if available, those of the computer. */
import { readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import tls from 'node:tls';

/**
 * Creates the trust store; `extraCertificates` are PEM texts. Reading both lists takes about 40 ms, so the function
 * returns to the event loop between the steps.
 */
export async function loadTrustedCas(extraCertificates: readonly string[]): Promise<tls.SecureContext> {
  // Node before 22.15 does not have this function and cannot read the certificates of the computer.
  const getCaCertificates = tls.getCACertificates as typeof tls.getCACertificates | undefined;
  if (!getCaCertificates)
    return tls.createSecureContext({
      ca: [...tls.rootCertificates, ...readExtraCaCertificates(), ...extraCertificates],
    });
  const certificates = new Set([...getCaCertificates('default'), ...extraCertificates]);
  await setImmediate();
  for (const certificate of readSystemCertificates(getCaCertificates)) certificates.add(certificate);
  await setImmediate();
  return tls.createSecureContext({ ca: [...certificates] });
}

function readSystemCertificates(getCaCertificates: typeof tls.getCACertificates): string[] {
  try {
    return getCaCertificates('system');
  } catch {
    // Without the list of the computer, fewer authorities are trusted.
    return [];
  }
}

/** Newer versions of Node include these in `getCACertificates('default')`. */
function readExtraCaCertificates(): string[] {
  const file = process.env['NODE_EXTRA_CA_CERTS'];
  try {
    return file ? [readFileSync(file, 'utf8')] : [];
  } catch {
    return [];
  }
}
