/** Electron's fuses for packaged consoles, and what a binary's own say. Fuses are bytes in the binary that a signature covers. */

/** `FuseV1Options` of @electron/fuses, in the order of the wire. A newer Electron adds to the end, and only there. */
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

/** How a packaged console is to be flipped: one left out does not compile. */
export const requiredFuses: Readonly<Record<FuseName, boolean>> = {
  // Else the signed binary would run any script, with the console's access to the keychain.
  RunAsNode: false,
  EnableCookieEncryption: true,
  EnableNodeOptionsEnvironmentVariable: false,
  EnableNodeCliInspectArguments: false,
  EnableEmbeddedAsarIntegrityValidation: true,
  OnlyLoadAppFromAsar: true,
  // There is no snapshot of our own.
  LoadBrowserProcessSpecificV8Snapshot: false,
  // The screen comes from app://, so file:// needs no privileges.
  GrantFileProtocolExtraPrivileges: false,
  WasmTrapHandlers: true,
};

/** For `flipFuses` of @electron/fuses: by the numbers of the wire, and refused where the binary knows one that is not named. */
export function createFuseConfig(): Record<number, boolean> & {
  readonly version: '1';
  readonly strictlyRequireAllFuses: true;
} {
  return {
    version: '1',
    strictlyRequireAllFuses: true,
    ...Object.fromEntries(fuseNames.map((name, place) => [place, requiredFuses[name]])),
  };
}

/** Stands before the wire in every binary of Electron. In two parts, so that no bundle of this file holds it whole. */
export const sentinel = ['dL7pKGdnNz796Pbb', 'jQWNKmHXBZaB9tsX'].join('');

export type FuseState = 'on' | 'off' | 'removed';
/** After the sentinel: the version of the wire, its length, then a byte for each fuse. */
const fuseStates: Readonly<Record<string, FuseState>> = { '0': 'off', '1': 'on', r: 'removed' };

export interface BinaryFuses {
  readonly known: Readonly<Record<FuseName, FuseState | null>>;
  readonly unknown: readonly FuseState[];
}

/**
 * The fuses of a binary. `null` for one that its wire is too short for; fuses beyond those we know are under `unnamed`.
 * Throws where the binary has no wire, or one that cannot be read. A universal binary of macOS has two, which must agree.
 */
export function readFuses(binary: Buffer): BinaryFuses {
  const wires = new Set<string>();
  for (let at = binary.indexOf(sentinel); at !== -1; at = binary.indexOf(sentinel, at + 1)) {
    const start = at + sentinel.length;
    const [version, length = 0] = binary.subarray(start, start + 2);
    const wire = binary.subarray(start + 2, start + 2 + length).toString('latin1');
    if (version !== 1 || wire.length !== length)
      throw new Error('The fuse wire of this binary is of a kind that is not known here.');
    wires.add(wire);
  }
  const [wire, second] = wires;
  if (wire === undefined) throw new Error('This binary has no fuse wire.');
  if (second !== undefined) throw new Error('The fuse wires of this binary differ.');
  const found = [...wire].map((byte) => {
    const state = fuseStates[byte];
    if (state === undefined) throw new Error(`A fuse is in a state that is not known here: ${JSON.stringify(byte)}.`);
    return state;
  });
  const known = Object.fromEntries(fuseNames.map((name, place) => [name, found[place] ?? null])) as Record<
    FuseName,
    FuseState | null
  >;
  return { known, unknown: found.slice(fuseNames.length) };
}
