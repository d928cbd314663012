import type { TestContext } from 'vitest';
import { needsInstalled, startInstalled, type InstalledServer } from '../support/installed-server.js';
import { etcd } from '../support/servers.js';
import { EtcdKeys } from './etcd-keys.js';

/** Starts an etcd, or skips the test where there is none. */
export async function startEtcd(context: Pick<TestContext, 'skip'>): Promise<InstalledServer> {
  needsInstalled(etcd, context);
  return startInstalled(etcd);
}

/** Where it is, and what writes its keys. */
export function open(server: InstalledServer): { url: string; keys: EtcdKeys } {
  const url = `http://127.0.0.1:${server.port}`;
  return { url, keys: new EtcdKeys(url) };
}
