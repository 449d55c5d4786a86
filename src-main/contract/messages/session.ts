/** Texts about session. */
export const session = {} as const;
