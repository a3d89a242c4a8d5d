import { errorTable, type ErrorCode } from '../tape/codes.generated.js';

/** Outcome of something that may be refused for a stated reason. Bugs and broken environments throw instead. */
export type Result<Value, Problem = Refusal> =
  { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly problem: Problem };

/** A refusal with its numbered code; `details` names the argument, the observed value and the limit where there are any. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly details?: Readonly<Record<string, string>>;
}

export const ok = <Value>(value: Value): { readonly ok: true; readonly value: Value } => ({ ok: true, value });

export const refuse = (code: ErrorCode, details?: Readonly<Record<string, string>>): { readonly ok: false; readonly problem: Refusal } => ({
  ok: false,
  problem: details === undefined ? { code } : { code, details },
});

/** A refusal that names the argument it is about, by the name that the caller gave it. */
export const ofArgument = <Value>(argument: string, result: Result<Value>): Result<Value> =>
  result.ok ? result : refuse(result.problem.code, { argument, ...result.problem.details });

/** An error that carries a code of the table, for broken environments and for boundaries that must throw. */
export class FulltapeError extends Error {
  readonly code: ErrorCode;
  readonly number: number;
  readonly retryable: boolean;
  readonly details: Readonly<Record<string, string>>;

  constructor(code: ErrorCode, details: Readonly<Record<string, string>> = {}, options?: { cause?: unknown }) {
    const entry = errorTable[code];
    const extra = Object.entries(details)
      .map(([name, value]) => `${name}=${value}`)
      .join(' ');
    super(`${code} (${entry.number}): ${entry.message}${extra === '' ? '' : ` [${extra}]`} ${entry.remedy}`, options);
    this.name = 'FulltapeError';
    this.code = code;
    this.number = entry.number;
    this.retryable = entry.retryable;
    this.details = details;
  }
}

/** Closes a switch over a union: the compiler proves that no case is missing. */
export const assertNever = (value: never): never => {
  throw new Error(`unexpected variant: ${JSON.stringify(value)}`);
};

/** The value of an accepted result; throws the refusal as an error. For boundaries only. */
export const unwrap = <Value>(result: Result<Value>): Value => {
  if (result.ok) return result.value;
  throw new FulltapeError(result.problem.code, result.problem.details);
};
