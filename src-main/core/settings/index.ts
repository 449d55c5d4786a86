export { Settings } from './settings-service.ts';
