/** Checks package-lock.json: each package has a hash, and none comes from another place than the registry. */
import { lockedPackages } from './allowed-dependencies.ts';

const registry = 'https://registry.npmjs.org/';
/** One SHA-512 hash in Base64, and nothing else. */
const sha512Pattern = /^sha512-[A-Za-z0-9+/]{86}==$/;

export interface LockFileResult {
  /** Paths of the packages that were checked: all except the project itself. */
  readonly checkedPaths: readonly string[];
  /** One line for each problem, with the path of the package. */
  readonly faults: readonly string[];
}

/**
 * Checks the text of package-lock.json. Without `resolved`, npm downloads the exact version from the configured
 * registry and compares the hash. A `resolved` of another place would be obeyed, and a link has no hash.
 */
export function checkLockFile(lock: string): LockFileResult {
  const packages = lockedPackages(lock);
  const faults = packages.flatMap(([path, { integrity = '', resolved, link }]) => [
    ...(link === undefined ? [] : [`${path}: is a link`]),
    ...(sha512Pattern.test(integrity) ? [] : [`${path}: has no SHA-512 hash`]),
    ...(resolved === undefined || resolved.startsWith(registry) ? [] : [`${path}: comes from ${resolved}`]),
  ]);
  return { checkedPaths: packages.map(([path]) => path), faults };
}
