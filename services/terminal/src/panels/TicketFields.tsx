import { parsePriceTicks } from '../../../../contracts/money/instrument-scale.js';
import { priceInputText } from '../model/format.js';
import { priceTicks, type Instrument, type PriceTicks } from '../model/values.js';
import { fieldsOf, takes, waitsForTrigger, type FormResult, type OrderForm } from '../ticket/order-form.js';
import { Choice, Stepped } from './Stepped.js';

interface Fields {
  readonly form: OrderForm;
  readonly instrument: Instrument;
  readonly result: FormResult;
  /** Where a price begins that has not been typed. */
  readonly touch: PriceTicks | null;
  readonly change: (change: Partial<OrderForm>) => void;
}

/** A price of the form, stepped by the tick. */
const Price = ({
  name,
  label,
  testId,
  form,
  instrument,
  result,
  touch,
  change,
}: Fields & {
  readonly name: 'price' | 'stopPrice' | 'takeProfit' | 'stopLoss' | 'pegCap';
  readonly label: string;
  readonly testId: string;
}) => (
  <Stepped
    label={label}
    unit={instrument.currency}
    testId={testId}
    value={form[name]}
    invalid={result.type === 'invalid' && result.field === name}
    step={(up) => {
      const current = parsePriceTicks(form[name], instrument.scale);
      const ticks = current.ok ? current.value + (up ? 1n : -1n) : touch;
      return ticks === null || ticks < 1n ? null : priceInputText(priceTicks(ticks), instrument);
    }}
    change={(value) => change({ [name]: value })}
  />
);

const triggerSources = [
  ['LAST', 'Last trade'],
  ['BID_ASK', 'Bid / ask'],
  ['MARK', 'Mark price'],
] as const;

/** Prices and distances that the type of the order takes. */
export const TypeFields = (fields: Fields) => {
  const { form, instrument, result, change } = fields;
  const shown = fieldsOf(form);
  const isInvalid = (field: keyof OrderForm): boolean => result.type === 'invalid' && result.field === field;
  return (
    <>
      {shown.includes('stopPrice') ? <Price {...fields} name="stopPrice" label="Trigger" testId="ticket-stop-price" /> : null}
      {shown.includes('trailingOffset') ? (
        <div className="grid grid-cols-[minmax(0,1fr)_auto] gap-1">
          <Stepped
            label="Distance"
            unit={form.trailingUnit === 'PRICE' ? instrument.currency : '%'}
            testId="ticket-trailing-offset"
            value={form.trailingOffset}
            invalid={isInvalid('trailingOffset')}
            change={(trailingOffset) => change({ trailingOffset })}
          />
          <select
            aria-label="Unit of the distance"
            data-testid="ticket-trailing-unit"
            value={form.trailingUnit}
            onChange={(event) => change({ trailingUnit: event.target.value === 'PRICE' ? 'PRICE' : 'BASIS_POINTS' })}
            className="h-9 rounded-[5px] border border-edge bg-ground px-2 text-xs text-ink"
          >
            <option value="PRICE">{instrument.currency}</option>
            <option value="BASIS_POINTS">%</option>
          </select>
        </div>
      ) : null}
      {shown.includes('limitOffset') ? (
        <Stepped
          label="Limit behind trigger"
          unit={instrument.currency}
          testId="ticket-limit-offset"
          value={form.limitOffset}
          invalid={isInvalid('limitOffset')}
          change={(limitOffset) => change({ limitOffset })}
        />
      ) : null}
      {shown.includes('peg') ? (
        <>
          <Choice
            label="Follows"
            testId="ticket-peg-kind"
            value={form.pegKind}
            values={[
              ['PRIMARY', 'Best of own side'],
              ['MID', 'Middle'],
              ['MARKET', 'Best of other side'],
            ]}
            change={(pegKind) => change({ pegKind })}
          />
          <Stepped
            label="Stays behind by"
            unit={instrument.currency}
            testId="ticket-peg-offset"
            value={form.pegOffset}
            invalid={isInvalid('pegOffset')}
            change={(pegOffset) => change({ pegOffset })}
          />
          <Price {...fields} name="pegCap" label={form.side === 'BUY' ? 'Not above' : 'Not below'} testId="ticket-peg-cap" />
        </>
      ) : null}
      {shown.includes('price') ? (
        <Price {...fields} name="price" label={form.mode === 'oco' || shown.length > 1 ? 'Limit' : 'Price'} testId="ticket-price" />
      ) : null}
      {form.orderType === 'MARKET' && form.mode !== 'oco' ? (
        <div className="field opacity-70">
          <span className="text-xs text-faint">Price</span>
          <span className="flex-1 text-right text-sm">Best available</span>
        </div>
      ) : null}
      {form.mode === 'bracket' ? <Price {...fields} name="takeProfit" label="Take profit" testId="ticket-take-profit" /> : null}
      {form.mode !== 'order' ? (
        <Price {...fields} name="stopLoss" label={form.mode === 'bracket' ? 'Stop loss' : 'Stop'} testId="ticket-stop-loss" />
      ) : null}
      {form.mode !== 'order' || waitsForTrigger(form.orderType) ? (
        <Choice
          label="Triggers on"
          testId="ticket-trigger-source"
          value={form.triggerSource}
          values={triggerSources}
          change={(triggerSource) => change({ triggerSource })}
        />
      ) : null}
    </>
  );
};

const Check = ({
  label,
  testId,
  checked,
  change,
}: {
  readonly label: string;
  readonly testId: string;
  readonly checked: boolean;
  readonly change: (checked: boolean) => void;
}) => (
  <label className="flex items-center gap-2 text-xs text-soft">
    <input
      type="checkbox"
      data-testid={testId}
      checked={checked}
      onChange={(event) => change(event.target.checked)}
      className="size-3.5 accent-accent"
    />
    {label}
  </label>
);

/** Conditions that few orders have, folded away until they are wanted. */
export const Conditions = ({ form, instrument, result, change }: Fields) => {
  const isInvalid = (field: keyof OrderForm): boolean => result.type === 'invalid' && result.field === field;
  const set = [
    form.displayQuantity !== '' && takes(form, 'displayQuantity'),
    form.minimumQuantity !== '' && takes(form, 'minimumQuantity'),
    form.postOnly !== 'off' && takes(form, 'postOnly'),
    form.reduceOnly,
    form.hidden && takes(form, 'hidden'),
    form.allOrNone && takes(form, 'allOrNone'),
    form.selfTradePrevention !== 'OFF',
  ].filter(Boolean).length;
  const unit = instrument.kind === 'CRYPTO_SPOT' ? (instrument.symbol.split('-')[0] ?? '') : 'shares';
  return (
    <details className="group flex-none rounded-[5px] border border-line" data-testid="ticket-conditions">
      <summary className="flex h-8 cursor-pointer list-none items-center justify-between px-2.5 text-xs text-faint hover:text-ink">
        <span>Conditions{set === 0 ? '' : ` (${set})`}</span>
        <span aria-hidden="true" className="group-open:rotate-180">
          ▾
        </span>
      </summary>
      <div className="flex flex-col gap-2 border-t border-line p-2.5">
        {takes(form, 'displayQuantity') ? (
          <Stepped
            label="Show at most"
            unit={unit}
            testId="ticket-display-quantity"
            value={form.displayQuantity}
            invalid={isInvalid('displayQuantity')}
            change={(displayQuantity) => change({ displayQuantity })}
          />
        ) : null}
        {takes(form, 'minimumQuantity') ? (
          <Stepped
            label="Fill at least"
            unit={unit}
            testId="ticket-minimum-quantity"
            value={form.minimumQuantity}
            invalid={isInvalid('minimumQuantity')}
            change={(minimumQuantity) => change({ minimumQuantity })}
          />
        ) : null}
        {takes(form, 'postOnly') ? (
          <Choice
            label="Post only"
            testId="ticket-post-only"
            value={form.postOnly}
            values={[
              ['off', 'Off'],
              ['refuse', 'Else refuse'],
              ['reprice', 'Else reprice'],
            ]}
            change={(postOnly) => change({ postOnly })}
          />
        ) : null}
        <Choice
          label="Own orders"
          testId="ticket-self-trade"
          value={form.selfTradePrevention}
          values={[
            ['OFF', 'May trade'],
            ['CANCEL_NEWEST', 'Cancel newest'],
            ['CANCEL_OLDEST', 'Cancel oldest'],
            ['CANCEL_BOTH', 'Cancel both'],
            ['DECREMENT_AND_CANCEL', 'Decrement'],
          ]}
          change={(selfTradePrevention) => change({ selfTradePrevention })}
        />
        <div className="grid grid-cols-2 gap-x-2 gap-y-1.5">
          <Check
            label="Reduce only"
            testId="ticket-reduce-only"
            checked={form.reduceOnly}
            change={(reduceOnly) => change({ reduceOnly })}
          />
          {takes(form, 'hidden') ? (
            <Check label="Hidden" testId="ticket-hidden" checked={form.hidden} change={(hidden) => change({ hidden })} />
          ) : null}
          {takes(form, 'allOrNone') ? (
            <Check label="All or none" testId="ticket-all-or-none" checked={form.allOrNone} change={(allOrNone) => change({ allOrNone })} />
          ) : null}
        </div>
      </div>
    </details>
  );
};
