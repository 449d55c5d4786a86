/** The simulated providers, for practice, training and tests. */
export { practiceAccounts } from './simulated-session.ts';
export { controlTokenHeader } from './control.ts';
export type { RecordedRequest, SimulatorControl } from './control.ts';
export { faultKinds, faultDefinitions, routeKinds } from './faults.ts';
export type { FaultKind, FaultRule, RouteKind } from './faults.ts';
export type { LogRecord } from './event-log.ts';
export { bulkReferencePrefix, createMerchantSessions } from './seed.ts';
export type { MerchantSession, SimulatedSession } from './simulated-session.ts';
export { startSimulator } from './simulator.ts';
export type { Simulator, SimulatorOptions } from './simulator.ts';
export type { SimulatorConfigPatch } from './config.ts';
export { trainingReferences } from './training.ts';
export type { TrainingSessionName } from './training.ts';
