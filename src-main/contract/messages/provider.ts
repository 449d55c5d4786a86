/** Texts about provider. */
export const provider = {} as const;
