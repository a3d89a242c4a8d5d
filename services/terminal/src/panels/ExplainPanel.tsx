import { useEffect, useRef, useState } from 'react';
import type { ExplanationAnswer } from '../api/answers.js';
import { explainOrder } from '../api/commands.js';
import { ApiError } from '../api/http.js';
import { stepsOf, type ExplainedCheck, type ExplainedStep } from '../model/explanation-words.js';
import { dateTimeText, quantityText, wordsOf } from '../model/format.js';
import { statusWords, termsWords } from '../model/order-words.js';
import type { Instrument } from '../model/values.js';
import type { OrderRow } from '../store/blotter.js';
import { useTerminal } from '../store/terminal-store.js';

type Found =
  | { readonly type: 'asking' }
  | { readonly type: 'found'; readonly explanation: ExplanationAnswer }
  | { readonly type: 'failed'; readonly code: string; readonly message: string; readonly remedy: string | null };

/** Asks anew whenever the order has changed. */
const useExplanation = (order: OrderRow): Found => {
  const accountId = useTerminal((state) => state.accountId);
  const token = useTerminal((state) => state.accounts.find(({ id }) => id === state.accountId)?.token ?? '');
  const [found, setFound] = useState<Found>({ type: 'asking' });
  const { orderId, updatedAt } = order;
  useEffect(() => {
    let left = false;
    const ask = async (): Promise<Found> => {
      try {
        const explanation = await explainOrder(token, { accountId, orderId });
        if (explanation !== null) return { type: 'found', explanation };
        return { type: 'failed', code: 'UNKNOWN_ORDER', message: 'The order is not on record.', remedy: null };
      } catch (error) {
        if (error instanceof ApiError) return { type: 'failed', code: error.code, message: error.message, remedy: error.remedy };
        return { type: 'failed', code: 'FAULT', message: 'The page met a fault.', remedy: null };
      }
    };
    void ask().then((answer) => (left ? undefined : setFound(answer)));
    return () => {
      left = true;
    };
  }, [token, accountId, orderId, updatedAt]);
  return found;
};

const Check = ({ check }: { readonly check: ExplainedCheck }) => (
  <li className="flex items-baseline gap-2 py-0.5" data-testid="explain-check" data-code={check.code}>
    <span aria-label={check.passed ? 'passed' : 'refused'} className={`w-3 flex-none ${check.passed ? 'text-up' : 'text-down'}`}>
      {check.passed ? '✓' : '✕'}
    </span>
    <span className="min-w-0 flex-1 text-soft">{check.name}</span>
    {check.numbers === null ? null : <span className="flex-none text-right text-ink">{check.numbers}</span>}
  </li>
);

const Checks = ({ checks }: { readonly checks: readonly ExplainedCheck[] }) => {
  const failed = checks.filter(({ passed }) => !passed);
  const passed = checks.filter((check) => check.passed);
  return (
    <>
      {failed.map((check) => (
        <p
          key={check.code}
          className="rounded-md border border-down/40 bg-down-dim/40 px-3 py-2 text-ink"
          data-testid="explain-refused"
          data-code={check.code}
        >
          <span className="block text-2xs font-semibold text-down">{check.code}</span>
          {check.text}
        </p>
      ))}
      {passed.length === 0 ? null : (
        <details data-testid="explain-checks">
          <summary className="cursor-pointer py-0.5 text-faint hover:text-soft">
            <span className="text-up">✓</span> {passed.length === 1 ? '1 check passed' : `${passed.length} checks passed`}
          </summary>
          <ul className="mt-1 border-l border-line pl-3">
            {passed.map((check, index) => (
              <Check key={`${check.code} ${index}`} check={check} />
            ))}
          </ul>
        </details>
      )}
    </>
  );
};

const tones: Readonly<Record<string, string>> = { MATCH: 'bg-up', AUCTIONED: 'bg-up', ENDED: 'bg-down', PREVENTED: 'bg-warn' };

const Step = ({ step }: { readonly step: ExplainedStep }) => (
  <li className="flex flex-col gap-1.5 border-b border-line px-4 py-3" data-testid="explain-step">
    <div className="flex items-baseline justify-between gap-3">
      <h3 className="text-xs font-semibold">{step.title}</h3>
      <span className="flex-none text-2xs text-faint">{dateTimeText(step.at)}</span>
    </div>
    {step.order === null ? null : <p className="text-soft">{step.order}</p>}
    <Checks checks={step.checks} />
    {step.events.length === 0 ? null : (
      <ul className="flex flex-col gap-1">
        {step.events.map(({ kind, text }, index) => (
          <li key={index} className="flex items-baseline gap-2" data-testid="explain-event" data-kind={kind}>
            <span className={`relative -top-px h-1.5 w-1.5 flex-none rounded-full ${tones[kind] ?? 'bg-edge'}`} />
            <span className={kind === 'MATCH' || kind === 'AUCTIONED' || kind === 'ENDED' ? 'text-ink' : 'text-soft'}>{text}</span>
          </li>
        ))}
      </ul>
    )}
  </li>
);

const Body = ({ found }: { readonly found: Found }) => {
  switch (found.type) {
    case 'asking':
      return <p className="px-4 py-6 text-center text-faint">Executing the tape again …</p>;
    case 'failed':
      return (
        <p className="px-4 py-6 text-center text-soft" data-testid="explain-failed">
          <span className="block text-2xs font-semibold text-warn">{found.code}</span>
          {found.message} {found.remedy}
        </p>
      );
    case 'found':
      return (
        <>
          {found.explanation.droppedNotes === 0 ? null : (
            <p className="px-4 py-2 text-warn">Not whole: {found.explanation.droppedNotes} notes found no room.</p>
          )}
          <ol>
            {stepsOf(found.explanation).map((step) => (
              <Step key={step.key} step={step} />
            ))}
          </ol>
          <p className="px-4 py-3 text-2xs text-faint">Executed again from the tape and compared byte for byte with what was recorded.</p>
        </>
      );
  }
};

/** Why an order came out as it did, beside the desk; the whole page on a narrow screen. */
export const ExplainPanel = ({
  order,
  instrument,
  close,
}: {
  readonly order: OrderRow;
  readonly instrument: Instrument;
  readonly close: () => void;
}) => {
  const found = useExplanation(order);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    button.current?.focus();
    const leave = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') close();
    };
    window.addEventListener('keydown', leave);
    return () => window.removeEventListener('keydown', leave);
  }, [close]);
  return (
    <aside
      role="dialog"
      aria-label={`Why order ${order.orderId} came out as it did`}
      data-testid="explain"
      className="fixed inset-y-0 right-0 z-40 flex w-[420px] max-w-full flex-col border-l border-edge bg-panel shadow-2xl max-md:w-full"
    >
      <header className="flex flex-none items-start justify-between gap-3 border-b border-line px-4 py-3">
        <div className="min-w-0">
          <h2 className="truncate text-sm font-semibold">
            <span className={order.side === 'BUY' ? 'text-up' : 'text-down'}>{wordsOf(order.side)}</span>{' '}
            {quantityText(order.quantityLots, instrument)} {order.symbol}
          </h2>
          <p className="truncate text-soft">{termsWords(order, instrument)}</p>
          <p className="text-2xs text-faint">
            Order {order.orderId} · {statusWords(order)} · {quantityText(order.cumLots, instrument)} filled
            {found.type === 'found' ? ` · ${found.explanation.fees} ${instrument.currency} of fees` : ''}
          </p>
        </div>
        <button
          ref={button}
          type="button"
          onClick={close}
          aria-label="Close"
          data-testid="explain-close"
          className="-mr-1 flex h-7 w-7 flex-none items-center justify-center rounded text-base text-faint hover:bg-hover hover:text-ink"
        >
          ×
        </button>
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto">
        <Body found={found} />
      </div>
    </aside>
  );
};
