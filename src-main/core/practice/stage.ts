import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Bank } from './bank.ts';
import type { Question } from './exchange.ts';
import type { Switches } from './switches.ts';

/** What a simulated provider plays on: the server, the state and the switches of the moment. */
export interface Stage {
  readonly app: FastifyInstance;
  readonly bank: Bank;
  switches(): Switches;
  exchange(question: Question, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply>;
}
