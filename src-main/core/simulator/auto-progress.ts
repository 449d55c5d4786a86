import type { ProviderState } from './provider-state.ts';
import { pick, seededRandom } from './random.ts';
import { isOpen } from './simulated-session.ts';

/** Time between two automatic changes, in milliseconds. */
const stepIntervalMs = 20_000;

/** Simulates payers: at each interval one open session is started or paid. Returns a function that stops this. */
export function startAutoProgress(providerState: ProviderState): () => void {
  const random = seededRandom(providerState.seed + providerState.eventLog.records().length);
  const advanceOneSession = (): void => {
    const openSessions = providerState
      .list()
      .filter((session) => isOpen(session.state) && !session.reference?.startsWith('Training'));
    if (openSessions.length === 0) return;
    const session = pick(random, openSessions);
    const isPaid = session.state === 'in_progress' || random() < 0.3;
    providerState.setState(session, isPaid ? 'completed' : 'in_progress', 'payer');
  };
  const timer = setInterval(advanceOneSession, stepIntervalMs);
  timer.unref();
  return () => clearInterval(timer);
}
