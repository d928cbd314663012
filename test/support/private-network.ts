import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import type { TestContext } from 'vitest';

/** Where programs of the administrator are; users do not always have it in their PATH. */
const addPath = 'PATH="$PATH:/usr/sbin:/sbin"';

/**
 * The beginning of a command line, whose program then has a network of its own, with a loopback interface and nothing
 * else, and may do there what root may. Needs no root; see {@link needsPrivateNetwork}.
 */
export const inPrivateNetwork: readonly string[] = [
  'unshare',
  '--net',
  '--map-root-user',
  'sh',
  '-c',
  `${addPath}; ip link set lo up && exec "$0" "$@"`,
];

/** The same with files of its own: there, each of these paths is the file that is given for it. */
export function inPrivateNetworkWith(files: Readonly<Record<string, string>>): readonly string[] {
  const mounts = Object.entries(files).map(([path, file]) => `mount --bind '${file}' '${path}'`);
  const script = [addPath, 'ip link set lo up', ...mounts, 'exec "$0" "$@"'].join(' && ');
  return ['unshare', '--net', '--mount', '--map-root-user', 'sh', '-c', script];
}

/** Skips the test where the machine allows no {@link inPrivateNetworkWith} these files. */
export function needsPrivateFiles(
  context: Pick<TestContext, 'skip'>,
  files: Readonly<Record<string, string>>,
): void {
  if (process.platform !== 'linux') return context.skip('only Linux has private networks');
  const failed = problemOf([...inPrivateNetworkWith(files), 'true']);
  if (failed !== undefined) context.skip(`no private network with files of its own: ${failed}`);
}

/** The programs that are needed there, by the Debian package that has them. */
const tools = { iproute2: 'ip', iptables: 'iptables' };

function run([command = '', ...args]: readonly string[]): SpawnSyncReturns<string> {
  return spawnSync(command, args, { encoding: 'utf8' });
}

/** Why a command cannot be run, if so. */
function problemOf(commandLine: readonly string[]): string | undefined {
  const { status, stderr, error } = run(commandLine);
  if (error) return error.message;
  return status === 0 ? undefined : stderr.trim() || `exit code ${status}`;
}

/**
 * Skips the test where the machine allows no {@link inPrivateNetwork} in which packets can be dropped, or where a program
 * for that is not installed; for a missing program the test fails instead with CONNMAN_REQUIRE_SERVERS=1 in the
 * environment.
 */
export function needsPrivateNetwork(context: Pick<TestContext, 'skip'>): void {
  if (process.platform !== 'linux') return context.skip('only Linux has private networks');
  const [unshare = '', ...flags] = inPrivateNetwork.slice(0, 3);
  const forbidden = problemOf([unshare, ...flags, 'true']);
  if (forbidden !== undefined) return context.skip(`no private network on this machine: ${forbidden}`);
  for (const [name, command] of Object.entries(tools)) {
    if (problemOf(['sh', '-c', `${addPath}; command -v ${command}`]) === undefined) continue;
    const message = `${command} is not installed: it is in the Debian package ${name}`;
    if (process.env['CONNMAN_REQUIRE_SERVERS'] === '1') throw new Error(message);
    return context.skip(message);
  }
  const failed = problemOf([...inPrivateNetwork, 'iptables', '-A', 'INPUT', '-i', 'lo', '-j', 'DROP']);
  if (failed !== undefined) context.skip(`no packets can be dropped in a private network: ${failed}`);
}
