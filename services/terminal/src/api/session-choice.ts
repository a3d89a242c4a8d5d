import type { AccountChoice } from '../store/terminal-state.js';
import { demoAnswer, marketAnswer, marketDocument } from './answers.js';
import { list, object, text, type Decoded } from './decode.js';
import { getJson, request } from './http.js';

const storageKey = 'fulltape.session';
const storedAnswer = object({ accounts: list(object({ id: text, name: text, token: text })), accountId: text });

export interface SessionChoice {
  readonly accounts: readonly AccountChoice[];
  readonly accountId: string;
}

/** The choice of the last visit; null where there is none or storage is closed. */
export const storedSession = (): SessionChoice | null => {
  try {
    const stored = localStorage.getItem(storageKey);
    return stored === null ? null : storedAnswer(JSON.parse(stored), storageKey);
  } catch {
    return null;
  }
};

export const storeSession = (choice: SessionChoice | null): void => {
  try {
    if (choice === null) localStorage.removeItem(storageKey);
    else localStorage.setItem(storageKey, JSON.stringify(choice));
  } catch {
    // Private windows may refuse storage; the choice then lasts as long as the page.
  }
};

/** Accounts that a demo installation offers on the loopback address; empty elsewhere. */
export const demoAccountChoices = async (): Promise<readonly AccountChoice[]> =>
  (await getJson('/api/v1/demo', demoAnswer))?.accounts ?? [];

export type Market = Decoded<typeof marketAnswer>;

/** Instruments, quotes and the accounts of a token. @throws ApiError UNAUTHENTICATED for a wrong one. */
export const loadMarket = (token: string): Promise<Market> => request({ document: marketDocument, answer: marketAnswer }, token);

/** Accounts that a typed token may use. */
export const accountsOfToken = async (token: string): Promise<readonly AccountChoice[]> =>
  (await loadMarket(token)).accounts.map(({ id, name }) => ({ id, name, token }));
