import { useState, type FormEvent } from 'react';
import { accountsOfToken, type SessionChoice } from '../api/session-choice.js';
import { ApiError } from '../api/http.js';

/** Asks for a token where the installation offers none. */
export const SignIn = ({ enter, reason }: { readonly enter: (choice: SessionChoice) => void; readonly reason: string | null }) => {
  const [token, setToken] = useState('');
  const [problem, setProblem] = useState(reason);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    try {
      const accounts = await accountsOfToken(token.trim());
      const [first] = accounts;
      if (first === undefined) setProblem('This token reaches no account.');
      else enter({ accounts, accountId: first.id });
    } catch (error) {
      setProblem(error instanceof ApiError ? `${error.code}: ${error.message} ${error.remedy ?? ''}` : 'The answer could not be read.');
    }
  };
  return (
    <main className="flex h-full items-center justify-center p-6">
      <form
        onSubmit={(event) => void submit(event)}
        className="flex w-full max-w-sm flex-col gap-3 rounded-lg border border-line bg-panel p-6"
      >
        <h1 className="text-lg font-semibold">Fulltape</h1>
        <p className="text-soft">
          Enter an access token. <code className="text-ink">fulltape start --json</code> prints those of the demo accounts.
        </p>
        <label className="flex flex-col gap-1.5 text-faint">
          Access token
          <input
            type="password"
            data-testid="token"
            autoComplete="off"
            value={token}
            onChange={(event) => setToken(event.target.value)}
            className="h-9 rounded-md border border-edge bg-ground px-3 text-sm text-ink"
          />
        </label>
        {problem === null ? null : (
          <p role="alert" className="text-down">
            {problem}
          </p>
        )}
        <button
          type="submit"
          disabled={token.trim() === ''}
          className="h-9 rounded-md bg-accent font-semibold text-black disabled:opacity-40"
        >
          Open the terminal
        </button>
      </form>
    </main>
  );
};
