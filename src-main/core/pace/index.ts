export { Pace, usualLimits } from './pace.ts';
export { Paces } from './paces.ts';
export { pacedProviders, type Priority } from './paced.ts';
