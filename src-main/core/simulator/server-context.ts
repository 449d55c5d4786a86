import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Bank } from './provider-state.ts';
import type { Question } from './handle-request.ts';
import type { Switches } from './config.ts';

/** What a simulated provider plays on: the server, the state and the switches of the moment. */
export interface Stage {
  readonly app: FastifyInstance;
  readonly bank: Bank;
  switches(): Switches;
  exchange(question: Question, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply>;
}
