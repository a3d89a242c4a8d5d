import { moneyText, signedMoneyText } from '../model/format.js';
import { moneyUnits } from '../model/values.js';
import { marketValue, unrealizedPnl } from '../store/portfolio.js';
import { useTerminal } from '../store/terminal-store.js';
import { Panel, toneOf } from './Panel.js';

/** Balances, and what the account is worth at the last prices. */
export const FundsPanel = () => {
  const balances = useTerminal((state) => state.balances);
  const positions = useTerminal((state) => state.positions);
  const quotes = useTerminal((state) => state.quotes);
  const instruments = useTerminal((state) => state.instruments);
  return (
    <Panel place="funds" label="Balances" title="Balances">
      <div className="min-h-0 flex-1 overflow-y-auto">
        {[...balances.values()].map((balance) => {
          let value: bigint = balance.totalUnits;
          let open = 0n;
          let realized = 0n;
          for (const position of positions.values()) {
            const instrument = instruments.get(position.symbol);
            const last = quotes.get(position.symbol)?.last ?? null;
            if (instrument === undefined || instrument.currency !== balance.currency) continue;
            realized += position.realizedUnits;
            if (last === null) continue;
            value += marketValue(position, last, instrument);
            open += unrealizedPnl(position, last, instrument);
          }
          const lines: readonly (readonly [string, string, string])[] = [
            ['Available', moneyText(balance.availableUnits), ''],
            ['In orders', moneyText(balance.reservedUnits), ''],
            ['Cash', moneyText(balance.totalUnits), ''],
            ['Open P&L', signedMoneyText(moneyUnits(open)), toneOf(open)],
            ['Realised P&L', signedMoneyText(moneyUnits(realized)), toneOf(realized)],
          ];
          return (
            <div key={balance.currency} className="px-3 py-2.5" data-testid={`balance-${balance.currency}`}>
              <p className="text-2xs text-faint">Account value, {balance.currency}</p>
              <p className="mb-2 text-lg font-semibold">{moneyText(moneyUnits(value))}</p>
              <dl className="flex flex-col gap-1.5">
                {lines.map(([name, text, tone]) => (
                  <div key={name} className="flex justify-between">
                    <dt className="text-faint">{name}</dt>
                    <dd className={tone}>{text}</dd>
                  </div>
                ))}
              </dl>
            </div>
          );
        })}
      </div>
    </Panel>
  );
};
