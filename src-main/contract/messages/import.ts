/** Texts about imports. */
export const imports = {} as const;
