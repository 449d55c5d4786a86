import type { ProviderState } from './provider-state.ts';
import { pick, seededRandom } from './random.ts';
import { isOpen } from './simulated-session.ts';

/** How often something happens by itself, in milliseconds. */
const stepIntervalMs = 20_000;

/** Lets payers get on with their sessions: one small step at a time. The function it returns ends that. */
export function startAutoProgress(providerState: ProviderState): () => void {
  const random = seededRandom(providerState.seed + providerState.eventLog.records().length);
  const step = (): void => {
    const open = providerState
      .list()
      .filter((session) => isOpen(session.state) && !session.reference?.startsWith('Training'));
    if (open.length === 0) return;
    const session = pick(random, open);
    const paid = session.state === 'in_progress' || random() < 0.3;
    providerState.setState(session, paid ? 'completed' : 'in_progress', 'payer');
  };
  const timer = setInterval(step, stepIntervalMs);
  timer.unref();
  return () => clearInterval(timer);
}
