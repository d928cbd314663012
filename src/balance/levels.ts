/** The endpoints of one share. */
export interface Level<E> {
  readonly share: number;
  /** Those with a candidate. */
  readonly endpoints: E;
  /** How many have a candidate. */
  free: number;
  /** How many there are. */
  users: number;
  /** When the next of them is due, in time that passes by picks. */
  due: number;
}

/**
 * The endpoints of one tier, by share. Few pools have many different weights, so a pick looks at each level, and a pool without
 * weights has one.
 */
export class Levels<E> {
  readonly all: Level<E>[] = [];
  readonly #make: () => E;
  readonly #chance: () => number;
  #time = 0;

  /** `chance` says when a new level is due first, so that not all processes begin with the same one. */
  constructor(make: () => E, chance: () => number) {
    this.#make = make;
    this.#chance = chance;
  }

  /** One more endpoint has this share. */
  join(share: number): Level<E> {
    let level = this.all.find((each) => each.share === share);
    if (!level) {
      const due = this.#time + this.#chance() / share;
      level = { share, endpoints: this.#make(), free: 0, users: 0, due };
      this.all.push(level);
    }
    level.users += 1;
    return level;
  }

  /** An endpoint has this share no more. */
  leave(level: Level<unknown>): void {
    level.users -= 1;
    if (level.users === 0) this.all.splice(this.all.indexOf(level as Level<E>), 1);
  }

  /**
   * The level whose turn it is: smooth weighted round robin, by the earliest deadline. `loadOf` is the least load of an endpoint
   * there. In units of one share, its whole part counts first, so that the turn decides among endpoints that are as busy as they
   * should be.
   */
  next(loadOf?: (level: Level<E>) => number): Level<E> | undefined {
    return this.all.length === 1 ? this.all[0] : this.#dueNext(loadOf);
  }

  #dueNext(loadOf?: (level: Level<E>) => number): Level<E> | undefined {
    const { all } = this;
    let chosen: Level<E> | undefined;
    let [least, total] = [Infinity, 0];
    for (const level of all) {
      if (level.free === 0) continue;
      const share = level.share * level.free;
      total += share;
      // At most one turn of credit or debt: an endpoint that was busy for long gets no run of picks.
      level.due = Math.min(Math.max(level.due, this.#time - 1 / share), this.#time + 1 / share);
      const busy = loadOf ? loadOf(level) / level.share : 0;
      const key = busy + Math.max(0, level.due - this.#time);
      if (!chosen || key < least || (key === least && level.due < chosen.due)) [chosen, least] = [level, key];
    }
    if (!chosen) return undefined;
    chosen.due += 1 / (chosen.share * chosen.free);
    this.#time += 1 / total;
    return chosen;
  }

  /** A level by chance, by the shares of its endpoints. */
  drawn(chance: () => number): Level<E> | undefined {
    const { all } = this;
    if (all.length === 1) return all[0];
    let left = chance() * all.reduce((sum, { share, free }) => sum + share * free, 0);
    let last: Level<E> | undefined;
    for (const level of all) {
      if (level.free === 0) continue;
      last = level;
      left -= level.share * level.free;
      if (left < 0) break;
    }
    return last;
  }
}
