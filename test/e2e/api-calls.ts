/** Calls of the contract from the page, for steps that have no button or that are not what a test is about. */
import type { Page } from '@playwright/test';
import type { CallInput, CallName, CallOutput, Envelope } from '../../src-main/contract/index.ts';

/** Sends a call through the client of the host: the preload in Electron, HTTP in a browser. */
export async function sendCall<Name extends CallName>(
  page: Page,
  name: Name,
  input: CallInput<Name>,
): Promise<Envelope<CallOutput<Name>>> {
  const response = await page.evaluate(
    async ([callName, callInput]) => {
      if (window.sessionDesk) return window.sessionDesk.call(callName as 'app.getState', callInput as never);
      const token = sessionStorage.getItem('sessionToken') ?? '';
      const callResponse = await fetch(`/call/${callName}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-session-desk-token': token },
        body: JSON.stringify(callInput),
      });
      return callResponse.json() as Promise<unknown>;
    },
    [name, input] as readonly [string, unknown],
  );
  return response as Envelope<CallOutput<Name>>;
}

/** Sends a call and returns its value. Throws if the call failed. */
export async function callApi<Name extends CallName>(
  page: Page,
  name: Name,
  input: CallInput<Name>,
): Promise<CallOutput<Name>> {
  const response = await sendCall(page, name, input);
  if (!response.ok) throw new Error(`${name} failed: ${response.error.code}.`);
  return response.value;
}
