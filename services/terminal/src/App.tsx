import { useCallback, useEffect, useState } from 'react';
import { demoAccountChoices, storedSession, storeSession, type SessionChoice } from './api/session-choice.js';
import { SignIn } from './panels/SignIn.js';
import { Terminal } from './Terminal.js';

type Entry =
  | { readonly type: 'looking' }
  | { readonly type: 'sign-in'; readonly reason: string | null }
  | { readonly type: 'open'; readonly choice: SessionChoice };

/**
 * Finds who trades: the demo accounts where the installation offers them, else the choice of the last visit, else a typed token. The
 * demo comes first because a fresh data folder makes old tokens worthless; the account of the last visit is kept.
 */
export const App = () => {
  const [entry, setEntry] = useState<Entry>({ type: 'looking' });
  const open = useCallback((choice: SessionChoice): void => {
    storeSession(choice);
    setEntry({ type: 'open', choice });
  }, []);
  const leave = useCallback((reason: string | null): void => {
    storeSession(null);
    setEntry({ type: 'sign-in', reason });
  }, []);
  useEffect(() => {
    const look = async (): Promise<void> => {
      const accounts = await demoAccountChoices();
      const stored = storedSession();
      const [first] = accounts;
      if (first !== undefined) open({ accounts, accountId: accounts.find(({ id }) => id === stored?.accountId)?.id ?? first.id });
      else if (stored !== null) open(stored);
      else setEntry({ type: 'sign-in', reason: null });
    };
    void look();
  }, [open]);
  switch (entry.type) {
    case 'looking':
      return null;
    case 'sign-in':
      return <SignIn enter={open} reason={entry.reason} />;
    case 'open':
      return <Terminal choice={entry.choice} choose={open} leave={leave} />;
  }
};
