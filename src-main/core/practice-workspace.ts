import { join } from 'node:path';
import { flinksOptions, xenditOptions, type ProviderName } from '../contract/index.ts';
import type { Connections } from './connections/index.ts';
import { startSimulator, type Simulator } from './simulator/index.ts';
import type { Sessions } from './sessions/index.ts';

/** What a campaign left behind: enough to train on what is done to thousands. */
const bulkSeedSessions = 5_000;

/** Starts the simulated providers of a practice workspace; what was cancelled in it before stays cancelled. */
export function startPracticeSimulator(folder: string): Promise<Simulator> {
  return startSimulator({
    bulkSessionCount: bulkSeedSessions,
    logFile: join(folder, 'simulator.jsonl'),
    autoProgress: true,
  });
}

/** Gives a practice workspace its two accounts, and at the very first start the sessions of a believable merchant. */
export async function seedPracticeWorkspace(
  simulator: Simulator,
  connections: Connections,
  registry: Sessions,
): Promise<void> {
  const first = connections.list().length === 0;
  for (const provider of ['flinks', 'xendit'] as const)
    await upsertSimulatedConnection(provider, simulator, connections);
  if (!first) return;
  const idOf = Object.fromEntries(connections.list().map(({ id, options }) => [options.provider, id])) as Record<
    ProviderName,
    string
  >;
  const now = new Date().toISOString();
  const oldestFirst = [...simulator.listMerchantSessions()].sort((one, other) =>
    one.createdAt.localeCompare(other.createdAt),
  );
  await registry.trackPracticeSessions(
    oldestFirst.map(({ connection, listedStatus, ...facts }) => ({
      ...facts,
      connectionId: idOf[connection],
      status: listedStatus,
      rawStatus: null,
      rawDetail: null,
      source: 'practice' as const,
      firstSeenAt: now,
      lastCheckedAt: null,
    })),
  );
}

/** The port is another one at each start, and the secrets are in memory alone. */
async function upsertSimulatedConnection(
  provider: ProviderName,
  simulator: Simulator,
  connections: Connections,
): Promise<void> {
  const { flinks, xendit } = simulator.credentials;
  const known = connections.list().find(({ options }) => options.provider === provider);
  const account =
    provider === 'flinks'
      ? {
          name: flinks.name,
          secret: flinks.clientSecret,
          options: flinksOptions.parse({ provider, clientId: flinks.clientId }),
        }
      : { name: xendit.name, secret: xendit.secretKey, options: xenditOptions.parse({ provider }) };
  await connections.upsertPracticeConnection(
    {
      id: known?.id ?? crypto.randomUUID(),
      provider,
      name: account.name,
      environment: 'sandbox',
      baseUrl: simulator.url,
      options: JSON.stringify(account.options),
      createdAt: known?.createdAt ?? new Date().toISOString(),
    },
    account.secret,
  );
}
