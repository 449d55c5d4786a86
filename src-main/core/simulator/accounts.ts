/** The two practice accounts. Every value is made up, and looks it: none opens anything but the simulator. */
export const practiceAccounts = {
  flinks: {
    name: 'Flinks Canada (practice)',
    clientId: 'practice-client',
    /** The secret of a connection in `oauth` mode. */
    clientSecret: 'practice-secret-not-real',
    /** The secret of a connection in `api_key` mode. */
    apiKey: 'practice-api-key-not-real',
  },
  xendit: {
    name: 'Xendit Indonesia (practice)',
    secretKey: 'xnd_development_practice_not_a_real_key',
    businessId: '6611aa00bb22cc33dd44ee55',
    /** A xenPlatform sub-account: its sessions are found with `for-user-id` alone. */
    subAccount: '6622bb11cc33dd44ee55ff66',
  },
} as const;
