import type { Balancer, Candidate, Load, Picker } from '../../src/balance/index.js';
import { seededRandom } from '../herd/random.js';

/** What is simulated: users who each send one request after the other, by connections to servers of unequal speed. */
export interface Scene {
  /** The mean time that each server takes for a request, in milliseconds; it serves one after the other. */
  readonly serviceTimes: readonly number[];
  readonly connectionsPerServer: number;
  readonly users: number;
  readonly requests: number;
  readonly seed: number;
  /** Whether a connection is lent to one user at a time, or picked for shared use. */
  readonly use: 'leases' | 'shared';
}

/** What became of the requests. */
export interface Outcome {
  readonly requestsPerSecond: number;
  /** From the wish for a connection to the answer, in milliseconds, ascending. */
  readonly latencies: Float64Array;
  /** Which part of the requests each server has served. */
  readonly shares: readonly number[];
}

/** What users see of a connection in shared use: how many of its requests wait for an answer. */
export interface SharedConnection {
  pending: number;
}

interface Server extends Load {
  leases: number;
  readonly pending: number;
  readonly serviceTime: number;
  /** When it will have done all that it was asked for. */
  freeAt: number;
  served: number;
}

interface Link extends Candidate<SharedConnection> {
  readonly group: Server;
}

interface Request {
  readonly wishedAt: number;
  readonly link: Link;
  readonly answeredAt: number;
}

/** A simulation of one strategy: discrete events, by nothing but the seed. */
export function simulate(balancer: Balancer, scene: Scene): Outcome {
  return new Simulation(balancer, scene).run();
}

class Simulation {
  readonly #scene: Scene;
  readonly #picker: Picker<Link>;
  readonly #servers: readonly Server[];
  readonly #chance: () => number;
  readonly #latencies: number[] = [];
  /** By the moment of their answers. */
  readonly #underWay: Request[] = [];
  /** When those began to wait who wait for a connection. */
  readonly #waiting: number[] = [];
  #time = 0;

  constructor(balancer: Balancer, scene: Scene) {
    this.#scene = scene;
    this.#picker = balancer.makePicker<Link>();
    this.#chance = seededRandom(scene.seed);
    this.#servers = scene.serviceTimes.map((serviceTime) => ({
      leases: 0,
      pending: 0,
      size: scene.connectionsPerServer,
      ready: scene.connectionsPerServer,
      serviceTime,
      freeAt: 0,
      served: 0,
    }));
    for (let round = 0; round < scene.connectionsPerServer; round += 1) {
      for (const group of this.#servers) {
        const connection = { pending: 0 };
        this.#picker.add({ connection, group, pending: 0, index: -1, next: undefined, previous: undefined });
      }
    }
  }

  run(): Outcome {
    const { requests, users } = this.#scene;
    for (let user = 0; user < users; user += 1) this.#wish(0);
    while (this.#latencies.length < requests) this.#answer(this.#underWay.shift() as Request);
    return {
      requestsPerSecond: (1_000 * requests) / this.#time,
      latencies: Float64Array.from(this.#latencies).toSorted(),
      shares: this.#servers.map(({ served }) => served / requests),
    };
  }

  #wish(wishedAt: number): void {
    const link = this.#picker.pick();
    if (link) this.#send(link, wishedAt);
    else this.#waiting.push(wishedAt);
  }

  #send(link: Link, wishedAt: number): void {
    const { group } = link;
    if (this.#scene.use === 'leases') {
      this.#picker.remove(link);
      this.#lease(group, 1);
    }
    link.connection.pending += 1;
    const service = -group.serviceTime * Math.log(1 - this.#chance());
    group.freeAt = Math.max(group.freeAt, this.#time) + service;
    this.#schedule({ wishedAt, link, answeredAt: group.freeAt });
  }

  #answer({ answeredAt, link, wishedAt }: Request): void {
    this.#time = answeredAt;
    this.#latencies.push(answeredAt - wishedAt);
    link.connection.pending -= 1;
    link.group.served += 1;
    if (this.#scene.use === 'leases') {
      this.#lease(link.group, -1);
      this.#picker.add(link);
    }
    const first = this.#waiting.shift();
    if (first !== undefined) this.#wish(first);
    this.#wish(this.#time);
  }

  #lease(group: Server, change: 1 | -1): void {
    group.leases += change;
    this.#picker.loadChanged?.(group);
  }

  #schedule(request: Request): void {
    const later = this.#underWay.findIndex(({ answeredAt }) => answeredAt > request.answeredAt);
    this.#underWay.splice(later < 0 ? this.#underWay.length : later, 0, request);
  }
}
