import { FulltapeError } from '#contracts/result/result.js';
import { PlanChanged } from './generations.js';
import { PoisonMessage } from './tape-batch.js';

/** SQLSTATE classes that speak of values: data exceptions and integrity violations. Anything else is the store's state. */
const valueClasses = ['22', '23'];

const sqlStateOf = (error: unknown): string | undefined => {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
};

/** Whether a failure lies outside the messages (a store that is away, a missing table, a switch), so that trying again can help. */
export const isEnvironmental = (error: unknown): boolean => {
  if (error instanceof PoisonMessage) return false;
  if (error instanceof PlanChanged) return true;
  const sqlState = sqlStateOf(error);
  if (sqlState !== undefined) return !valueClasses.includes(sqlState.slice(0, 2));
  if (error instanceof FulltapeError)
    return error.code !== 'TAPE_CORRUPT' && error.code !== 'UNKNOWN_EVENT_TYPE' && error.code !== 'INTERNAL';
  // A projector that cannot express an effect as rows.
  return !(error instanceof RangeError || error instanceof TypeError || error instanceof SyntaxError);
};
