/**
 * Runs the tests of the crates that hold unsafe code (journal, ffi) under AddressSanitizer with leak detection, and under Miri what needs no
 * system, where this machine's Rust has them; says what was skipped and why where it has not. Nothing is downloaded.
 *
 *   node scripts/sanitize-native.mjs
 *
 * Exit status: 0 clean or skipped, 1 a finding or a failed test.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const native = join(dirname(fileURLToPath(import.meta.url)), '..', 'native');
const target = `${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-unknown-linux-gnu`;

const output = (command, args) => {
  const { status, stdout } = spawnSync(command, args, { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
};

const skip = (what, why) => console.log(`${what}: skipped: ${why}`);

const runAddressSanitizer = () => {
  const what = 'AddressSanitizer';
  if (process.platform !== 'linux') return skip(what, 'only set up for Linux');
  const sysroot = output('rustup', ['run', 'nightly', 'rustc', '--print', 'sysroot']);
  if (sysroot === null) return skip(what, 'no nightly toolchain (rustup toolchain list)');
  const libraries = join(sysroot, 'lib', 'rustlib', target, 'lib');
  const hasRuntime = existsSync(libraries) && readdirSync(libraries).some((name) => name.includes('rt.asan'));
  if (!hasRuntime) return skip(what, `the nightly toolchain has no runtime for ${target}`);
  const args = ['+nightly', 'test', '--no-fail-fast', '--target', target, '-p', 'fulltape-journal', '-p', 'fulltape-ffi'];
  const env = { ...process.env, RUSTFLAGS: '-Zsanitizer=address', CARGO_TARGET_DIR: join(native, 'target', 'sanitize') };
  const { status } = spawnSync('cargo', args, { cwd: native, env, stdio: 'inherit' });
  console.log(`${what}: ${status === 0 ? 'clean' : 'FAILED'}`);
  if (status !== 0) process.exitCode = 1;
};

const runMiri = () => {
  if (output('cargo', ['+nightly', 'miri', '--version']) === null) return skip('Miri', 'the nightly toolchain has no miri component');
  // Mapped files and FFI are beyond Miri; the pure part of the C interface is not.
  const { status } = spawnSync('cargo', ['+nightly', 'miri', 'test', '-p', 'fulltape-ffi', '--lib'], { cwd: native, stdio: 'inherit' });
  console.log(`Miri: ${status === 0 ? 'clean' : 'FAILED'}`);
  if (status !== 0) process.exitCode = 1;
};

runAddressSanitizer();
runMiri();
