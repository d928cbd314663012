import { hasAllies, type DialRequester } from './dial-requester.js';
import { Queue } from './queue.js';

/** Those of one owner, first in, first out. */
class Party {
  readonly owner: object;
  readonly members: Queue<DialRequester> = new Queue();

  constructor(owner: object) {
    this.owner = owner;
  }
}

/**
 * Requesters whose owners take turns. An owner with many has one place, and goes to the end of the line after its turn. A
 * requester that is its own owner is its own place, which takes no memory beside the queue.
 */
export class Rotation {
  /** Made when it is first needed: most gates never have a requester that waits. */
  #places: Queue<DialRequester | Party> | undefined;
  #parties: Map<object, Party> | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Whose turn it is. */
  get first(): DialRequester | undefined {
    const place = this.#places?.first;
    return place instanceof Party ? place.members.first : place;
  }

  /** The first that matches, in the order of turns. */
  find(matches: (member: DialRequester) => boolean): DialRequester | undefined {
    for (const place of this.#places ?? []) {
      const found = place instanceof Party ? place.members.find(matches) : matches(place) ? place : undefined;
      if (found) return found;
    }
    return undefined;
  }

  /** Whether any of an owner with several is here. */
  hasAnyOf(owner: object): boolean {
    return this.#parties?.has(owner) ?? false;
  }

  has(requester: DialRequester): boolean {
    if (!hasAllies(requester)) return this.#places?.has(requester) ?? false;
    return this.#parties?.get(requester.owner)?.members.has(requester) ?? false;
  }

  add(requester: DialRequester): void {
    if (this.has(requester)) return;
    this.#size += 1;
    this.#places ??= new Queue();
    if (!hasAllies(requester)) {
      this.#places.add(requester);
      return;
    }
    this.#parties ??= new Map();
    let party = this.#parties.get(requester.owner);
    if (!party) {
      party = new Party(requester.owner);
      this.#parties.set(requester.owner, party);
      this.#places.add(party);
    }
    party.members.add(requester);
  }

  /** Removes a requester; returns whether it was here. */
  delete(requester: DialRequester): boolean {
    const party = hasAllies(requester) ? this.#parties?.get(requester.owner) : undefined;
    const wasHere = party ? party.members.delete(requester) : this.#places?.delete(requester);
    if (!wasHere) return false;
    this.#size -= 1;
    if (party?.members.size === 0) {
      this.#places?.delete(party);
      this.#parties?.delete(party.owner);
    }
    return true;
  }

  /** Removes a requester whose turn it is: the others of its owner go behind the other owners. */
  take(requester: DialRequester): void {
    this.delete(requester);
    const party = this.#parties?.get(requester.owner);
    if (!party) return;
    this.#places?.delete(party);
    this.#places?.add(party);
  }

  *[Symbol.iterator](): Iterator<DialRequester> {
    for (const place of this.#places ?? []) {
      if (place instanceof Party) yield* { [Symbol.iterator]: () => place.members[Symbol.iterator]() };
      else yield place;
    }
  }
}
