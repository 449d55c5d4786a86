import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ProviderState } from './provider-state.ts';
import type { SimulatedRequest } from './handle-request.ts';
import type { SimulatorConfig } from './config.ts';

/** Dependencies of a simulated provider: the server, the state and the present configuration. */
export interface ServerContext {
  readonly app: FastifyInstance;
  readonly providerState: ProviderState;
  config(): SimulatorConfig;
  handle(simulatedRequest: SimulatedRequest, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply>;
}
