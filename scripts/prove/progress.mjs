// Progress on standard error: a bar on a terminal, elsewhere a line now and then.

const barWidth = 24;
const lineEveryMs = 30_000;

const duration = (seconds) => (seconds <= 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`);

/** One line of progress, `elapsedMs` after the beginning. */
export const progressLine = (name, done, total, unit, elapsedMs) => {
  const share = total === 0 ? 1 : done / total;
  const bar = '#'.repeat(Math.floor(share * barWidth)).padEnd(barWidth, '.');
  const percent = `${Math.floor(share * 100)} %`;
  if (unit === 's') return `${name} [${bar}] ${percent} ${duration(total - done)} left`;
  const rate = elapsedMs === 0 ? 0 : (done * 1_000) / elapsedMs;
  const left = rate === 0 ? '' : `, ${duration((total - done) / rate)} left`;
  return `${name} [${bar}] ${percent} ${done} of ${total} ${unit}, ${Math.round(rate)}/s${left}`;
};

/** Begins to show progress. */
export const startProgress = (name, total, unit, stream = process.stderr, now = Date.now) => {
  const startedAt = now();
  const interactive = stream.isTTY === true;
  let shownAt = interactive ? -Infinity : startedAt;
  return {
    update: (done) => {
      const at = now();
      if (at - shownAt < (interactive ? 200 : lineEveryMs)) return;
      shownAt = at;
      const line = progressLine(name, done, total, unit, at - startedAt);
      stream.write(interactive ? `\r\x1b[K${line}` : `${line}\n`);
    },
    end: () => {
      if (interactive) stream.write('\r\x1b[K');
    },
  };
};
