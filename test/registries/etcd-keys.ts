import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';

/** Writes the keys of an etcd, each call through a connection of its own. */
export class EtcdKeys {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** Returns the revision that this has made. */
  async put(key: string, value: string, lease?: string): Promise<string> {
    const { header } = await this.#post('kv/put', { key: base64(key), value: base64(value), lease });
    return header.revision;
  }

  async remove(key: string): Promise<void> {
    await this.#post('kv/deleterange', { key: base64(key) });
  }

  /** Makes etcd forget what was before a revision. */
  async compact(revision: string): Promise<void> {
    await this.#post('kv/compaction', { revision });
  }

  /** A lease of so many seconds: its keys go with it. */
  async grant(seconds: number): Promise<string> {
    const { ID } = await this.#post('lease/grant', { TTL: seconds });
    return ID;
  }

  /** Lets in nobody but root, with this password. */
  async protect(password: string): Promise<void> {
    await this.#post('auth/user/add', { name: 'root', password });
    await this.#post('auth/role/add', { name: 'root' });
    await this.#post('auth/user/grant', { user: 'root', role: 'root' });
    await this.#post('auth/enable', {});
  }

  async #post(path: string, body: object): Promise<{ header: { revision: string }; ID: string }> {
    const asked = request(`${this.#url}/v3/${path}`, { method: 'POST', agent: false });
    asked.end(JSON.stringify(body));
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    const answer = await json(response);
    if (response.statusCode !== 200) throw new Error(`${path}: ${JSON.stringify(answer)}`);
    return answer as { header: { revision: string }; ID: string };
  }
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
