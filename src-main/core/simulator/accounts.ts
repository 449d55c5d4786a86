/** The two practice accounts. All values are invented and recognizable as such; only the simulator accepts them. */
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
    /** A xenPlatform sub-account: its sessions are found only with the header `for-user-id`. */
    subAccount: '6622bb11cc33dd44ee55ff66',
  },
} as const;
