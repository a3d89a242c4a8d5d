import { parseClientOrderId } from '#contracts/ids/ids.js';
import type { InstrumentRow, ReadSide } from '#platform/read-side/index.js';
import { orderNodeOf, type OrderNode } from '../ordering/order-node.js';
import { reasonNodesOf } from '../ordering/order-terms-node.js';
import { revokedOrderNode, type Revocation } from './revocations.js';

interface Lookups {
  readonly readSide: Pick<ReadSide, 'snapshot'>;
  readonly catalogue: { byId(instrumentId: number): Promise<InstrumentRow | null> };
}

/**
 * What an account is told of a revoked command: its lost order as REJECTED; of a lost amend or cancel the order as it still stands, with
 * the reason REVOKED. Null when there is nothing to tell: the order was sent again and is on the tape, or the target was lost as well.
 */
export const revokedUpdate = async ({ readSide, catalogue }: Lookups, revocation: Revocation): Promise<OrderNode | null> => {
  const { kind, accountId, clientOrderId, origClientOrderId, orderId, instrumentId } = revocation.command;
  const instrument = await catalogue.byId(instrumentId);
  const { trading } = await readSide.snapshot();
  if (kind === 'placeOrder') {
    if (instrument === null || (await trading.order({ accountId, clientOrderId })) !== null) return null;
    return revokedOrderNode(revocation, instrument);
  }
  const target = origClientOrderId === null ? null : parseClientOrderId(origClientOrderId);
  const row =
    orderId !== null
      ? await trading.order({ accountId, orderId: BigInt(orderId) })
      : target?.ok === true
        ? await trading.order({ accountId, clientOrderId: target.value })
        : null;
  return row === null ? null : { ...orderNodeOf(row), ...reasonNodesOf('REVOKED') };
};
