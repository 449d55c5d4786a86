/** Texts about imports. */
export const imports = {
  /** The browser could not read the chosen file. */
  fileUnreadable: '{name} could not be read.',
} as const;
