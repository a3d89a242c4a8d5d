/** One line of `fulltape doctor`. `warn` does not stop the platform from working; `fail` does. */
export interface Check {
  readonly name: string;
  readonly verdict: 'ok' | 'warn' | 'fail';
  readonly observed: string;
  /** The command or action that puts it right; only where something is wrong. */
  readonly remedy?: string;
}

export const pass = (name: string, observed: string): Check => ({ name, verdict: 'ok', observed });
export const warn = (name: string, observed: string, remedy: string): Check => ({ name, verdict: 'warn', observed, remedy });
export const fail = (name: string, observed: string, remedy: string): Check => ({ name, verdict: 'fail', observed, remedy });

export const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0]?.slice(0, 200) ?? '';
