/** The simulated providers: for practice, for training, and as the oracle of the tests. */
export { practiceAccounts } from './accounts.ts';
export { campaignReference } from './bulk-seed.ts';
export { controlHeader } from './control.ts';
export type { SeenRequest, SimulatorControl } from './control.ts';
export { faultKinds, faultTable, routeKinds } from './faults.ts';
export type { FaultKind, FaultRule, RouteKind } from './faults.ts';
export type { LogRecord } from './event-log.ts';
export { practiceSessions } from './seed.ts';
export type { PracticeSession, SimulatedSession } from './simulated-session.ts';
export { startSimulator } from './simulator.ts';
export type { Simulator, SimulatorOptions } from './simulator.ts';
export type { SwitchChanges } from './config.ts';
export { trainingReferences } from './training.ts';
export type { TrainingName } from './training.ts';
