export { Connections, auditFields } from './connections.ts';
export { createOsKeychain, type Keychain } from './keychain.ts';
export { SecretStore, type BoundSecret } from './secret-store.ts';
export { connectionDestination, feedDestination } from './destination.ts';
