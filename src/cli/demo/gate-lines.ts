import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ChannelPayloads } from '../../index.js';
import type { Timeline } from './timeline.js';

const channel = 'connman:gate:state';

/** Tells in the timeline of outages as the gate sees them; returns how to stop that. */
export function tellGate(timeline: Timeline): () => void {
  let told = '';
  const take = (message: unknown): void => {
    const { from, to, dialling, waiting } = message as ChannelPayloads[typeof channel];
    if (to !== 'probing') {
      if (from === 'probing') timeline.add('gate', to, 'the probe came through: the others follow');
      told = '';
      return;
    }
    // The first of those that wait is the probe.
    const others = dialling > 0 ? waiting : waiting - 1;
    const details = `one connection dials, ${others} wait for its probe`;
    if (details !== told && others > 0) timeline.add('gate', to, details);
    told = details;
  };
  subscribe(channel, take);
  return () => unsubscribe(channel, take);
}
