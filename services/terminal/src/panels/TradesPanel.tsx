import { memo } from 'react';
import { priceText, quantityText, timeText } from '../model/format.js';
import type { Instrument } from '../model/values.js';
import type { TradePrint } from '../store/tape.js';
import { useTerminal } from '../store/terminal-store.js';
import { Empty, Panel } from './Panel.js';

const Print = memo(({ print, instrument }: { readonly print: TradePrint; readonly instrument: Instrument }) => (
  <li className="grid h-[19px] grid-cols-[1.1fr_1fr_1fr] items-center px-3 text-right">
    <span className={`text-left ${print.aggressorSide === 'SELL' ? 'text-down' : print.aggressorSide === 'BUY' ? 'text-up' : 'text-ink'}`}>
      {priceText(print.priceTicks, instrument)}
    </span>
    <span>{quantityText(print.quantityLots, instrument)}</span>
    <time className="text-faint" dateTime={print.executedAt}>
      {timeText(print.executedAt)}
    </time>
  </li>
));

export const TradesPanel = () => {
  const tape = useTerminal((state) => state.tape);
  const instrument = useTerminal((state) => state.instruments.get(state.symbol));
  return (
    <Panel place="trades" label="Trades" title="Trades">
      <div className="grid h-6 flex-none grid-cols-[1.1fr_1fr_1fr] items-center px-3 text-right text-2xs text-faint">
        <span className="text-left">Price</span>
        <span>Quantity</span>
        <span>Time</span>
      </div>
      {tape.length === 0 || instrument === undefined ? (
        <Empty>No trades yet</Empty>
      ) : (
        <ol className="min-h-0 flex-1 overflow-y-auto" data-testid="trades">
          {tape.map((print) => (
            <Print key={print.tradeId} print={print} instrument={instrument} />
          ))}
        </ol>
      )}
    </Panel>
  );
};
