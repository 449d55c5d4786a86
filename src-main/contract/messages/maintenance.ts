/** Texts about maintenance. */
export const maintenance = {} as const;
