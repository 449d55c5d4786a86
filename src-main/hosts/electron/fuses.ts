/**
 * The Electron fuses of packaged apps, and a reader for the fuses of a binary. Fuses are bytes in the binary, which its
 * code signature covers.
 */

/** `FuseV1Options` of @electron/fuses, in the order of the fuse wire. Newer Electron versions append fuses. */
export const fuseNames = [
  'RunAsNode',
  'EnableCookieEncryption',
  'EnableNodeOptionsEnvironmentVariable',
  'EnableNodeCliInspectArguments',
  'EnableEmbeddedAsarIntegrityValidation',
  'OnlyLoadAppFromAsar',
  'LoadBrowserProcessSpecificV8Snapshot',
  'GrantFileProtocolExtraPrivileges',
  'WasmTrapHandlers',
] as const;
export type FuseName = (typeof fuseNames)[number];

/** The required fuses of a packaged app. A missing fuse is a compile error. */
export const requiredFuses: Readonly<Record<FuseName, boolean>> = {
  // If true, the signed binary runs any script with Session Desk's access to the keychain.
  RunAsNode: false,
  EnableCookieEncryption: true,
  EnableNodeOptionsEnvironmentVariable: false,
  EnableNodeCliInspectArguments: false,
  EnableEmbeddedAsarIntegrityValidation: true,
  OnlyLoadAppFromAsar: true,
  // Session Desk has no V8 snapshot.
  LoadBrowserProcessSpecificV8Snapshot: false,
  // The renderer is loaded from app://, so file:// needs no privileges.
  GrantFileProtocolExtraPrivileges: false,
  WasmTrapHandlers: true,
};

/** The configuration for `flipFuses` of @electron/fuses. Fails if the binary has a fuse that is not configured. */
export function createFuseConfig(): Record<number, boolean> & {
  readonly version: '1';
  readonly strictlyRequireAllFuses: true;
} {
  return {
    version: '1',
    strictlyRequireAllFuses: true,
    ...Object.fromEntries(fuseNames.map((name, index) => [index, requiredFuses[name]])),
  };
}

/** Precedes the fuse wire in every Electron binary. Two parts, so that no bundle of this file contains the sentinel. */
export const sentinel = ['dL7pKGdnNz796Pbb', 'jQWNKmHXBZaB9tsX'].join('');

export type FuseState = 'on' | 'off' | 'removed';
/** The sentinel is followed by the version of the fuse wire, its length, and one byte per fuse. */
const fuseStates: Readonly<Record<string, FuseState>> = { '0': 'off', '1': 'on', r: 'removed' };

export interface BinaryFuses {
  readonly known: Readonly<Record<FuseName, FuseState | null>>;
  readonly unknown: readonly FuseState[];
}

/**
 * Reads the fuses of a binary. `known` holds null for a fuse that the wire does not contain; `unknown` holds the fuses
 * that `fuseNames` does not list. Throws if the binary has no readable fuse wire. A universal macOS binary has two
 * wires, which must be equal.
 */
export function readFuses(binary: Buffer): BinaryFuses {
  const wires = new Set<string>();
  for (let index = binary.indexOf(sentinel); index !== -1; index = binary.indexOf(sentinel, index + 1)) {
    const start = index + sentinel.length;
    const [version, length = 0] = binary.subarray(start, start + 2);
    const wire = binary.subarray(start + 2, start + 2 + length).toString('latin1');
    if (version !== 1 || wire.length !== length)
      throw new Error('The fuse wire of this binary has an unknown version or length.');
    wires.add(wire);
  }
  const [wire, second] = wires;
  if (wire === undefined) throw new Error('This binary has no fuse wire.');
  if (second !== undefined) throw new Error('The fuse wires of this binary differ.');
  const states = [...wire].map((byte) => {
    const state = fuseStates[byte];
    if (state === undefined) throw new Error(`A fuse has an unknown state: ${JSON.stringify(byte)}.`);
    return state;
  });
  const known = Object.fromEntries(fuseNames.map((name, index) => [name, states[index] ?? null])) as Record<
    FuseName,
    FuseState | null
  >;
  return { known, unknown: states.slice(fuseNames.length) };
}
