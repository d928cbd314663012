import { hasAllies, type DialRequester } from './dial-requester.js';
import { Queue } from './queue.js';

/** The requesters of one owner, first in, first out. */
class OwnersQueue {
  readonly owner: object;
  readonly members: Queue<DialRequester> = new Queue();

  constructor(owner: object) {
    this.owner = owner;
  }
}

/**
 * A fair queue: owners take turns. An owner with many requesters has one place, and goes to the end after its turn. A requester
 * that is its own owner is its own place, which takes no memory beside the queue.
 */
export class FairQueue {
  /** Made when it is first needed: most gates never have a requester that waits. */
  #places: Queue<DialRequester | OwnersQueue> | undefined;
  #byOwner: Map<object, OwnersQueue> | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Whose turn it is. */
  get first(): DialRequester | undefined {
    const place = this.#places?.first;
    return place instanceof OwnersQueue ? place.members.first : place;
  }

  /** The first that matches, in the order of turns. */
  find(matches: (member: DialRequester) => boolean): DialRequester | undefined {
    for (const place of this.#places ?? []) {
      const found =
        place instanceof OwnersQueue ? place.members.find(matches) : matches(place) ? place : undefined;
      if (found) return found;
    }
    return undefined;
  }

  /** Whether any of an owner with several is here. */
  hasAnyOf(owner: object): boolean {
    return this.#byOwner?.has(owner) ?? false;
  }

  has(requester: DialRequester): boolean {
    if (!hasAllies(requester)) return this.#places?.has(requester) ?? false;
    return this.#byOwner?.get(requester.owner)?.members.has(requester) ?? false;
  }

  add(requester: DialRequester): void {
    if (this.has(requester)) return;
    this.#size += 1;
    this.#places ??= new Queue();
    if (!hasAllies(requester)) {
      this.#places.add(requester);
      return;
    }
    this.#byOwner ??= new Map();
    let ofOwner = this.#byOwner.get(requester.owner);
    if (!ofOwner) {
      ofOwner = new OwnersQueue(requester.owner);
      this.#byOwner.set(requester.owner, ofOwner);
      this.#places.add(ofOwner);
    }
    ofOwner.members.add(requester);
  }

  /** Removes a requester; returns whether it was here. */
  delete(requester: DialRequester): boolean {
    const ofOwner = hasAllies(requester) ? this.#byOwner?.get(requester.owner) : undefined;
    const wasHere = ofOwner ? ofOwner.members.delete(requester) : this.#places?.delete(requester);
    if (!wasHere) return false;
    this.#size -= 1;
    if (ofOwner?.members.size === 0) {
      this.#places?.delete(ofOwner);
      this.#byOwner?.delete(ofOwner.owner);
    }
    return true;
  }

  /** Removes a requester whose turn it is: the others of its owner go behind the other owners. */
  take(requester: DialRequester): void {
    this.delete(requester);
    const ofOwner = this.#byOwner?.get(requester.owner);
    if (!ofOwner) return;
    this.#places?.delete(ofOwner);
    this.#places?.add(ofOwner);
  }

  *[Symbol.iterator](): Iterator<DialRequester> {
    for (const place of this.#places ?? []) {
      if (place instanceof OwnersQueue) yield* { [Symbol.iterator]: () => place.members[Symbol.iterator]() };
      else yield place;
    }
  }
}
