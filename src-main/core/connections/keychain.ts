/** What the vault needs of an OS keychain: the three calls of keytar that are safe to make. */
export interface Keychain {
  get(account: string): Promise<string | null>;
  set(account: string, secret: string): Promise<void>;
  remove(account: string): Promise<void>;
}
