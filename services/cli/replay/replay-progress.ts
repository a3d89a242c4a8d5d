import { SingleBar } from 'cli-progress';
import type { ReplayProgress } from '../../simulation/lobster/replay-day.js';
import type { CliContext } from '../context.js';

const lineEveryMs = 3_000;

/** A bar on a terminal, otherwise a line every few seconds; on standard error either way. */
export const replayProgress = (
  context: CliContext,
  lines: number,
): { readonly update: (progress: ReplayProgress) => void; readonly end: () => void } => {
  if (context.interactive) {
    const bar = new SingleBar({
      format: 'replaying {bar} {percentage}% | {value}/{total} rows | {commands} commands | {eta} s left',
      stream: process.stderr,
      hideCursor: true,
    });
    bar.start(lines, 0, { commands: 0 });
    return {
      update: ({ linesDone, commandsSent }) => bar.update(linesDone, { commands: commandsSent }),
      end: () => bar.stop(),
    };
  }
  context.note(`replaying ${lines} rows …`);
  let nextAt = Date.now() + lineEveryMs;
  return {
    update: ({ linesDone, commandsSent }) => {
      if (Date.now() < nextAt) return;
      nextAt = Date.now() + lineEveryMs;
      context.note(`${linesDone} of ${lines} rows, ${commandsSent} commands`);
    },
    end: () => undefined,
  };
};
