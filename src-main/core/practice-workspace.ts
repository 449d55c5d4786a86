import { join } from 'node:path';
import { flinksOptions, xenditOptions, type ProviderName } from '../contract/index.ts';
import type { Connections } from './connections/index.ts';
import { startSimulator, type Simulator } from './simulator/index.ts';
import type { Sessions } from './sessions/index.ts';

/** Enough sessions to practise bulk cancellation. */
const bulkSeedSessions = 5_000;

/** Starts the simulated providers of a practice workspace. Their state is stored, so earlier cancellations persist. */
export function startPracticeSimulator(folder: string): Promise<Simulator> {
  return startSimulator({
    bulkSessionCount: bulkSeedSessions,
    logFile: join(folder, 'simulator.jsonl'),
    autoProgress: true,
  });
}

/** Adds the two simulated connections to a practice workspace, and on the first start its sample sessions. */
export async function seedPracticeWorkspace(
  simulator: Simulator,
  connections: Connections,
  sessions: Sessions,
): Promise<void> {
  const isFirstStart = connections.list().length === 0;
  for (const provider of ['flinks', 'xendit'] as const)
    await upsertSimulatedConnection(provider, simulator, connections);
  if (!isFirstStart) return;
  const connectionIds = Object.fromEntries(
    connections.list().map(({ id, options }) => [options.provider, id]),
  ) as Record<ProviderName, string>;
  const now = new Date().toISOString();
  const oldestFirst = [...simulator.listMerchantSessions()].sort((a, b) => a.createdAt.localeCompare(b.createdAt));
  await sessions.trackPracticeSessions(
    oldestFirst.map(({ connection, listedStatus, ...fields }) => ({
      ...fields,
      connectionId: connectionIds[connection],
      status: listedStatus,
      rawStatus: null,
      rawDetail: null,
      source: 'practice' as const,
      firstSeenAt: now,
      lastCheckedAt: null,
    })),
  );
}

/** Updates the connection at each start, because the port changes and the secrets exist only in memory. */
async function upsertSimulatedConnection(
  provider: ProviderName,
  simulator: Simulator,
  connections: Connections,
): Promise<void> {
  const { flinks, xendit } = simulator.credentials;
  const existing = connections.list().find(({ options }) => options.provider === provider);
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
      id: existing?.id ?? crypto.randomUUID(),
      provider,
      name: account.name,
      environment: 'sandbox',
      baseUrl: simulator.url,
      options: JSON.stringify(account.options),
      createdAt: existing?.createdAt ?? new Date().toISOString(),
    },
    account.secret,
  );
}
