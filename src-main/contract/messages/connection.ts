/** Texts about connection. */
export const connection = {} as const;
