// What the long proof is asked for.

const parts = ['differential', 'fuzz', 'node'];

export const usage = `usage: npm run prove -- [--commands 10000000] [--seed N] [--fuzz-seconds 120] [--only ${parts.join(',')}] [--json]`;

/** A seed for each date, so far from its neighbours that no two nights share a run. */
export const seedOf = (date) => Number(date.toISOString().slice(0, 10).replaceAll('-', '')) * 1_000_000;

const wholeNumber = (text) => (/^\d{1,16}$/.test(text ?? '') && Number.isSafeInteger(Number(text)) ? Number(text) : undefined);

/** Options, or undefined where the arguments make no sense. */
export const parseProveArguments = (args, now) => {
  const options = { commands: 10_000_000, seed: seedOf(now), fuzzSeconds: 120, only: undefined, json: false };
  const numbers = { '--commands': 'commands', '--seed': 'seed', '--fuzz-seconds': 'fuzzSeconds' };
  for (let index = 0; index < args.length; index += 1) {
    const name = args[index];
    if (name === '--json') {
      options.json = true;
      continue;
    }
    index += 1;
    if (name === '--only') {
      options.only = (args[index] ?? '').split(',');
      if (!options.only.every((part) => parts.includes(part))) return undefined;
      continue;
    }
    const value = Object.hasOwn(numbers, name) ? wholeNumber(args[index]) : undefined;
    if (value === undefined) return undefined;
    options[numbers[name]] = value;
  }
  return options.commands === 0 ? undefined : options;
};
