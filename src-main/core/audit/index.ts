export { Audit } from './audit.ts';
export { auditKeeping } from './key.ts';
