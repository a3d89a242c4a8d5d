import { useId, type KeyboardEvent } from 'react';

/** A decimal input that arrow up and down step. */
export const Stepped = (props: {
  readonly label: string;
  readonly unit: string;
  readonly value: string;
  readonly invalid: boolean;
  readonly testId: string;
  readonly step?: (up: boolean) => string | null;
  readonly change: (value: string) => void;
}) => {
  const id = useId();
  const onKey = (event: KeyboardEvent<HTMLInputElement>): void => {
    if (props.step === undefined || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
    event.preventDefault();
    const next = props.step(event.key === 'ArrowUp');
    if (next !== null) props.change(next);
  };
  return (
    <div className="field" data-invalid={props.invalid}>
      <label htmlFor={id} className="flex-none text-xs text-faint">
        {props.label}
      </label>
      <input
        id={id}
        data-testid={props.testId}
        inputMode="decimal"
        autoComplete="off"
        aria-invalid={props.invalid}
        value={props.value}
        onKeyDown={onKey}
        onChange={(event) => props.change(event.target.value.replaceAll(',', '').trim())}
      />
      <span className="flex-none text-2xs text-faint">{props.unit}</span>
    </div>
  );
};

/** A choice in the look of a field. */
export const Choice = <Value extends string>(props: {
  readonly label: string;
  readonly value: Value;
  readonly values: readonly (readonly [Value, string])[];
  readonly testId: string;
  readonly change: (value: Value) => void;
}) => {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id} className="flex-1 text-xs text-faint">
        {props.label}
      </label>
      <select
        id={id}
        data-testid={props.testId}
        value={props.value}
        onChange={(event) => {
          const chosen = props.values.find(([value]) => value === event.target.value);
          if (chosen !== undefined) props.change(chosen[0]);
        }}
        className="bg-ground text-right text-xs text-ink outline-none"
      >
        {props.values.map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
};
