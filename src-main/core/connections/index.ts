export { Connections, auditFields } from './connections.ts';
export { createOsKeychain, type Keychain } from './keychain.ts';
export { SecretStore } from './secret-store.ts';
