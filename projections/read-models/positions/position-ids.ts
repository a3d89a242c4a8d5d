const hex = (value: number): string => value.toString(16).padStart(8, '0');

/** Id of an account's position in an instrument: a UUID (version 8) made of both numbers, the same in every rebuild. */
export const positionId = (accountId: number, instrumentId: number): string => `${hex(accountId)}-0001-8000-8000-0000${hex(instrumentId)}`;
