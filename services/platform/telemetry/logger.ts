import { pino, type Logger } from 'pino';
import { isatty } from 'node:tty';
import { writeSync } from 'node:fs';
import { humanLine } from './human-line.js';

export type { Logger } from 'pino';

const secretNames = ['token', 'password', 'secret', 'secrets', 'authorization', 'apiKey', 'natsToken', 'tokenKey'];

const levelText = (): string => process.env['FULLTAPE_LOG_LEVEL'] ?? 'info';

/** Writes synchronously: a log line that explains a crash must be out before the process is gone. */
const stderrStream = (human: boolean): { write(line: string): void } => ({
  write: (line) => {
    try {
      writeSync(2, human ? humanLine(line) : line);
    } catch (error) {
      // EAGAIN: the reader of a non-blocking stderr is slow; EPIPE: it is gone. Neither may stop the platform.
      const code = (error as NodeJS.ErrnoException).code;
      if (code !== 'EAGAIN' && code !== 'EPIPE') throw error;
    }
  },
});

const ownStream = stderrStream(isatty(2));

/** A logger on a stream: an event name as the message and fields beside it. Fields with secret names are redacted, three levels deep. */
export const createLogger = (stream: { write(line: string): void }, level: string): Logger =>
  pino(
    {
      level,
      base: { process: process.env['FULLTAPE_PROCESS'] ?? 'fulltape' },
      redact: { paths: secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[redacted]' },
      timestamp: pino.stdTimeFunctions.isoTime,
    },
    stream,
  );

/** The one logger of this process, to standard error: JSON lines, or one readable line each on a terminal. */
export const logger: Logger = createLogger(ownStream, levelText());

/** Level from the configuration; can be changed while the process runs. */
export const setLogLevel = (level: string): void => {
  logger.level = level;
};

/** Passes a log line of a child process on, in the form that this process uses. */
export const echoLine = (line: string): void => ownStream.write(`${line}\n`);
