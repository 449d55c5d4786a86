/** Texts about validation. */
export const validation = {} as const;
