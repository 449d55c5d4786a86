/** Texts about batch. */
export const batch = {} as const;
