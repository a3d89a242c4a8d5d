import { JetStreamApiError, JetStreamError } from '@nats-io/jetstream';
import { errors } from '@nats-io/transport-node';
import { FulltapeError } from '#contracts/result/result.js';

const isOfBroker = (error: unknown): boolean =>
  error instanceof errors.TimeoutError ||
  error instanceof errors.RequestError ||
  error instanceof errors.NoRespondersError ||
  error instanceof errors.ConnectionError ||
  error instanceof errors.ClosedConnectionError ||
  error instanceof errors.DrainingConnectionError ||
  error instanceof JetStreamApiError ||
  error instanceof JetStreamError;

/** Any error with a code of the table: what the broker's client throws is STORE_UNAVAILABLE, everything else INTERNAL. */
export const asFulltapeError = (error: unknown): FulltapeError => {
  if (error instanceof FulltapeError) return error;
  const why = error instanceof Error ? error.message : String(error);
  return new FulltapeError(isOfBroker(error) ? 'STORE_UNAVAILABLE' : 'INTERNAL', { why }, { cause: error });
};
