export { AuditService } from './audit-service.ts';
export { loadAuditKeyMaterial } from './key-material.ts';
