import { addConnections, openTestApp, reason, trackSession } from '../support/app.ts';
import { spawnSimulator } from '../support/spawn-simulator.ts';
import { median, reportComparison, measureMs } from './measure.ts';

const count = 100;

/** Compares a cancellation and its three durable records with the same HTTP request alone. */
export async function benchCancel(): Promise<void> {
  const simulator = await spawnSimulator({ sessionCount: 1_200 });
  await simulator.control('updateConfig', { xendit: { maxRequestsPerMinute: 1_000_000 } });
  const app = await openTestApp();
  const { xendit } = await addConnections(app, simulator);
  const sessions = (await simulator.control('listSessions')).filter(
    ({ account, connection, state, subAccount }) =>
      account === 'practice' && connection === 'xendit' && state === 'active' && subAccount === null,
  );
  const authorization = `Basic ${Buffer.from(`${simulator.credentials.xendit.secretKey}:`).toString('base64')}`;
  const baseline: number[] = [];
  const appMs: number[] = [];
  for (let index = 0; index < 2 * count; index += 2) {
    const [baselineSession, trackedSession] = [sessions[index], sessions[index + 1]];
    if (!baselineSession || !trackedSession) throw new Error('The simulator has too few sessions.');
    baseline.push(
      await measureMs(async () => {
        const response = await fetch(`${simulator.url}/sessions/${baselineSession.id}/cancel`, {
          method: 'POST',
          headers: { authorization },
        });
        await response.json();
      }),
    );
    const { key: sessionKey } = await trackSession(app, xendit, trackedSession);
    appMs.push(await measureMs(() => app.handlers['cancellations.request']({ sessionKey, reason })));
  }
  reportComparison(
    'one cancellation, three durable records',
    median(appMs),
    median(baseline),
    'the request alone, fetch',
  );
  await app.close();
  await simulator.stop();
}
