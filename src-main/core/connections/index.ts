export { Connections } from './connections.ts';
export { assertProduct, auditFields } from './connection-fields.ts';
export { createOsKeychain, type Keychain } from './keychain.ts';
export {
  SecretStore,
  connectionDestination,
  feedDestination,
  inspectSecret,
  type BoundSecret,
  type SecretBinding,
} from './secret-store.ts';
