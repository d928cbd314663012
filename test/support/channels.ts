import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ChannelPayloads } from '../../src/index.js';
import { it as plainIt } from './fixtures.js';

export type ChannelName = keyof ChannelPayloads;

const all: Readonly<Record<ChannelName, true>> = {
  'connman:connection:create': true,
  'connman:connection:dial': true,
  'connman:connection:dial-failed': true,
  'connman:connection:connected': true,
  'connman:connection:ready': true,
  'connman:connection:ping': true,
  'connman:connection:retire': true,
  'connman:connection:reset': true,
  'connman:connection:write-refused': true,
  'connman:connection:requests-lost': true,
  'connman:connection:handler-error': true,
  'connman:connection:disconnect': true,
  'connman:connection:close': true,
  'connman:gate:state': true,
  'connman:pool:create': true,
  'connman:pool:add': true,
  'connman:pool:remove': true,
  'connman:pool:state': true,
  'connman:pool:endpoint-state': true,
  'connman:pool:acquire': true,
  'connman:pool:acquire-failed': true,
  'connman:pool:release': true,
  'connman:pool:interrupt': true,
  'connman:pool:forfeit': true,
  'connman:pool:leak': true,
  'connman:pool:discover': true,
  'connman:pool:discovery-failed': true,
  'connman:pool:disconnect': true,
  'connman:pool:close': true,
};

/** The name of every channel. */
export const channelNames = Object.keys(all) as ChannelName[];

/** What was published, and where. */
export interface Heard {
  readonly name: ChannelName;
  readonly payload: ChannelPayloads[ChannelName];
}

/** A subscriber of every channel. */
export class Listening {
  readonly heard: Heard[] = [];
  readonly #listeners: (readonly [ChannelName, (message: unknown) => void])[] = [];

  constructor() {
    for (const name of channelNames) {
      this.on(name, (payload) => void this.heard.push({ name, payload }));
    }
  }

  /** The names of what was heard, without what all have in common. */
  get names(): string[] {
    return this.heard.map(({ name }) => name.replace('connman:', ''));
  }

  /** What was heard on one channel. */
  of<Name extends ChannelName>(name: Name): ChannelPayloads[Name][] {
    return this.heard.filter((each) => each.name === name).map(({ payload }) => payload as never);
  }

  /** Subscribes until the end of the test. */
  on<Name extends ChannelName>(name: Name, listener: (payload: ChannelPayloads[Name]) => void): void {
    const listen = (message: unknown): void => listener(message as ChannelPayloads[Name]);
    subscribe(name, listen);
    this.#listeners.push([name, listen]);
  }

  stop(): void {
    for (const [name, listen] of this.#listeners) unsubscribe(name, listen);
  }
}

/** `it` with a subscriber of every channel. */
export const it = plainIt.extend<{ channels: Listening }>({
  // oxlint-disable-next-line no-empty-pattern
  channels: async ({}, use) => {
    const listening = new Listening();
    await use(listening);
    listening.stop();
  },
});
