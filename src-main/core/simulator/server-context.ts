import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ProviderState } from './provider-state.ts';
import type { SimulatedRequest } from './handle-request.ts';
import type { SimulatorConfig } from './config.ts';

/** What a simulated provider plays on: the server, the state and the switches of the moment. */
export interface ServerContext {
  readonly app: FastifyInstance;
  readonly providerState: ProviderState;
  config(): SimulatorConfig;
  handle(question: SimulatedRequest, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply>;
}
