/** An explanation as a page lays it out: what was checked, then what happened. Pure. */
import type { ExplanationAnswer } from '../api/answers.js';

type Command = ExplanationAnswer['commands'][number];
type Note = Command['notes'][number];

export interface ExplainedCheck {
  readonly code: string;
  readonly name: string;
  /** `10 ≤ 50`, or what was seen alone where there is no bound; null for a check without numbers. */
  readonly numbers: string | null;
  readonly passed: boolean;
  /** Of a check that failed: the whole sentence. */
  readonly text: string;
}

export interface ExplainedStep {
  /** Number of the command and of the step in it. */
  readonly key: string;
  readonly title: string;
  readonly at: string;
  /** What the order was when the checks looked at it, such as `buy 10 at 99 (limit)`; null where there is nothing to say. */
  readonly order: string | null;
  readonly checks: readonly ExplainedCheck[];
  readonly events: readonly { readonly kind: string; readonly text: string }[];
}

const titles: Readonly<Record<string, string>> = {
  PlaceOrder: 'An order came in',
  AmendOrder: 'An amend came in',
  CancelOrder: 'A cancel came in',
  CancelAllOrders: 'A mass cancel came in',
  AdvanceTime: 'Time went on',
  SetSession: 'The phase of the day changed',
  SetTradingState: 'An operator set a trading state',
  SetReferencePrice: 'A reference price came in',
  KeepAlive: 'A session was renewed',
};
const ownTitles: Readonly<Record<string, string>> = {
  placed: 'The order came in',
  amended: 'It was amended',
  triggered: 'It was triggered',
  entered: 'Its list let it in',
};

const relations: Readonly<Record<string, string>> = { AT_MOST: '≤', AT_LEAST: '≥', REFUSED: 'against' };

const checkOf = ({ text, check }: Note): ExplainedCheck[] => {
  if (check === null) return [];
  const { code, name, passed, relation, observed, limit } = check;
  const numbers = observed === null || limit === null ? observed : `${observed} ${relations[relation] ?? ''} ${limit}`;
  return [{ code, name, passed, numbers, text: text.replace(/^REFUSED \w+: /, '') }];
};

/** Without its first word, which names the kind of the note, and with a capital. */
const sentenceOf = (text: string): string => {
  const rest = text.slice(text.indexOf(' ') + 1);
  return `${rest.charAt(0).toUpperCase()}${rest.slice(1)}`;
};

const verbs: Readonly<Record<string, string>> = {
  MATCH: 'Traded',
  AUCTIONED: 'Traded',
  FEE: 'Fee of',
  RESTED: 'Rests with',
  WAITS: 'Waits',
  TRIGGERED: 'Triggered:',
  TRAILED: 'Trailed:',
  COST: 'Needs',
  MARGIN: 'Margin',
  LOWERED: 'Lowered',
  ENDED: 'Ended with',
  SIZED: 'Sized to',
  REFRESHED: 'Shows',
  REPRICED: 'Priced',
};

const eventText = ({ kind, text }: Note): string => {
  const rest = text.slice(text.indexOf(' ') + 1);
  const verb = verbs[kind];
  return verb === undefined ? (kind === 'SHOWN' ? sentenceOf(text) : `${text.charAt(0).toUpperCase()}${text.slice(1)}`) : `${verb} ${rest}`;
};

/** A step for each time that the engine turned to the order; what follows a command without one is a step of its own. */
export const stepsOf = ({ commands }: ExplanationAnswer): readonly ExplainedStep[] =>
  commands.map(({ commandNumber, command, executedAt, notes }): ExplainedStep => {
    const own = notes.find(({ kind }) => kind === 'ORDER');
    const [step = '', ...rest] = own?.text.split(' ') ?? [];
    const events = notes.filter(({ kind, check }) => check === null && kind !== 'ORDER' && kind !== 'COMMAND');
    return {
      key: commandNumber,
      title: ownTitles[step] ?? titles[command] ?? command.replace(/([a-z])([A-Z])/g, '$1 $2'),
      at: executedAt,
      order: own === undefined ? null : rest.join(' ').trim(),
      checks: notes.flatMap(checkOf),
      events: events.map((note) => ({ kind: note.kind, text: eventText(note) })),
    };
  });
