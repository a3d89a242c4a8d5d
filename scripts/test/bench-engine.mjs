// The engine's bench is a Cargo workspace of its own, whose peers come from the crates registry: formatted, compiled and linted where the
// crates are on this machine or can be fetched. A registry that does not answer leaves it out, visibly; anything else is a failure.
import { join } from 'node:path';
import { nothing } from './report-counts.mjs';

const fetchSeconds = 60;

/** What Cargo says of a registry that it cannot reach. A registry that answers with a refusal is not among it. */
const unreachable =
  /could not resolve|couldn't resolve|could not connect|couldn't connect|failed to connect|connection (refused|reset)|timed? ?out|spurious network error|network (is unreachable|failure)|proxy/i;

export const isUnreachable = (output) => unreachable.test(output);

const passed = { ok: true, counts: { ...nothing, passed: 1 } };
const failed = (remark) => ({ ok: false, counts: { ...nothing, failed: 1 }, remark });

/** Result of the step. `run(command, args, options)` resolves with `{ status, output }`. */
export const checkBenchEngine = async (root, run) => {
  const cwd = join(root, 'bench', 'engine');
  const formatted = await run('cargo', ['fmt', '--check'], { cwd });
  if (formatted.status !== 0) return failed('not formatted');
  const env = { ...process.env, CARGO_NET_RETRY: '1', CARGO_HTTP_TIMEOUT: '15' };
  const version = await run('rustc', ['-vV'], { cwd, quiet: true });
  const host = /^host: (\S+)$/m.exec(version.output)?.[1];
  if (host === undefined) return failed('rustc does not say for what it compiles');
  const fetch = ['fetch', '--locked', '--quiet', '--target', host];
  const here = await run('cargo', [...fetch, '--offline'], { cwd, env, quiet: true });
  if (here.status !== 0) {
    const fetched = await run('cargo', fetch, { cwd, env, timeout: fetchSeconds * 1_000 });
    if (fetched.status !== 0 && (fetched.timedOut || isUnreachable(fetched.output)))
      return { ok: true, counts: { ...nothing, skipped: 1 }, remark: 'skipped: crates registry not reachable' };
    if (fetched.status !== 0) return failed('its crates cannot be fetched');
  }
  const clippy = ['clippy', '--locked', '--offline', '--quiet', '--all-targets', '--', '-D', 'warnings'];
  const { status } = await run('cargo', clippy, { cwd, env });
  return status === 0 ? passed : failed('clippy failed');
};
