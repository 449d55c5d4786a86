export { Connections, auditFields } from './connections.ts';
export { assertProduct } from './connection-validation.ts';
export { createOsKeychain, type Keychain } from './keychain.ts';
export { SecretStore } from './secret-store.ts';
export {
  connectionDestination,
  feedDestination,
  inspectSecret,
  type BoundSecret,
  type SecretBinding,
} from './bound-secret.ts';
