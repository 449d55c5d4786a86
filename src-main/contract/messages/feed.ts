/** Texts about feed. */
export const feed = {} as const;
