/** The control over HTTP, for tests whose simulator is another process: `POST /_simulator/control/<name>`, arguments as a JSON list. */
import { timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { headerText } from './credentials.ts';
import type { SimulatorControl } from './simulator.ts';

export const controlHeader = 'x-simulator-token';

function sameText(left: string, right: string): boolean {
  const [one, other] = [Buffer.from(left), Buffer.from(right)];
  return one.length === other.length && timingSafeEqual(one, other);
}

export function registerControl(app: FastifyInstance, control: SimulatorControl, token: string): void {
  const commands = new Map<string, (...given: never[]) => unknown>(Object.entries(control));
  app.post<{ Params: { name: string } }>('/_simulator/control/:name', async (request, reply) => {
    const command = commands.get(request.params.name);
    if (command === undefined || !sameText(headerText(request, controlHeader), token)) return reply.code(404).send();
    try {
      const given = JSON.parse(String(request.body)) as never[];
      return await reply.send({ value: command(...given) ?? null });
    } catch (error) {
      return await reply.code(400).send({ message: error instanceof Error ? error.message : String(error) });
    }
  });
}
