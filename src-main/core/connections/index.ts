export { Connections, auditFacts } from './connections.ts';
export { osKeychain, type Keychain } from './keychain.ts';
export { Vault } from './secret-store.ts';
