/** Injection token of the `EventStore` port. */
export const eventStoreToken = Symbol('EventStore');
