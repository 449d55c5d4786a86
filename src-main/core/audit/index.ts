export { Audit } from './audit-service.ts';
export { auditKeeping } from './key-material.ts';
