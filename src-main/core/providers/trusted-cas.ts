/** Whom a TLS connection trusts: Node's own list and, where this Node can tell, the machine's. Nothing checks less. */
import { readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import tls from 'node:tls';

/**
 * Makes the trust store once. Reading both lists takes some 40 ms, so the work is cut in two with a breath between.
 * `extra` are further authorities as PEM texts.
 */
export async function loadTrustedCas(extra: readonly string[]): Promise<tls.SecureContext> {
  // Absent before Node 22.15: there NODE_EXTRA_CA_CERTS and Node's own list have to do.
  const list = tls.getCACertificates as typeof tls.getCACertificates | undefined;
  if (!list) return tls.createSecureContext({ ca: [...tls.rootCertificates, ...readExtraCaCertificates(), ...extra] });
  const trusted = new Set([...list('default'), ...extra]);
  await setImmediate();
  for (const certificate of readSystemCertificates(list)) trusted.add(certificate);
  await setImmediate();
  return tls.createSecureContext({ ca: [...trusted] });
}

function readSystemCertificates(list: typeof tls.getCACertificates): string[] {
  try {
    return list('system');
  } catch {
    // A machine whose own list cannot be read trusts Node's alone: fewer authorities, never more.
    return [];
  }
}

/** What newer versions of Node count among their `default` ones by themselves. */
function readExtraCaCertificates(): string[] {
  const file = process.env['NODE_EXTRA_CA_CERTS'];
  try {
    return file ? [readFileSync(file, 'utf8')] : [];
  } catch {
    return [];
  }
}
