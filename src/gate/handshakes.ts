import type { DialRequester } from './dial-requester.js';

/** The requesters at a gate whose handshakes go on. No set is kept empty: it takes more memory than all other fields of a gate. */
export class Handshakes {
  #going: Set<DialRequester> | undefined;
  /** Those that were disconnected in their handshake, and whose sockets are not closed yet. */
  #leaving: Set<DialRequester> | undefined;
  /** Requesters whose last link was lost in a handshake, or in that of TLS. */
  #lost: Set<DialRequester> | undefined;

  /** How many lives have not come to the end of their handshake. */
  get count(): number {
    return (this.#going?.size ?? 0) + (this.#leaving?.size ?? 0);
  }

  began(requester: DialRequester): void {
    this.#going ??= new Set();
    this.#going.add(requester);
  }

  isGoingOn(requester: DialRequester): boolean {
    return this.#going?.has(requester) ?? false;
  }

  /** It is done, or its life has ended. Returns whether it went on. */
  ended(requester: DialRequester): boolean {
    const wentOn = this.#going?.delete(requester) === true;
    if (this.#going?.size === 0) this.#going = undefined;
    return wentOn;
  }

  /** Its link was lost in it, or in that of TLS. */
  lost(requester: DialRequester): void {
    this.#lost ??= new Set();
    this.#lost.add(requester);
  }

  /** Whether its last link was lost in a handshake. */
  wasLost(requester: DialRequester): boolean {
    return this.#lost?.has(requester) ?? false;
  }

  /** A handshake of it is done, or there will be no other. */
  forget(requester: DialRequester): void {
    this.#lost?.delete(requester);
    if (this.#lost?.size === 0) this.#lost = undefined;
  }

  /** Its connection was disconnected in it. Returns whether it went on. */
  abandoned(requester: DialRequester): boolean {
    if (!this.ended(requester)) return false;
    this.#leaving ??= new Set();
    this.#leaving.add(requester);
    return true;
  }

  /** Its life has ended. Returns whether its handshake had been abandoned. */
  left(requester: DialRequester): boolean {
    const wasLeaving = this.#leaving?.delete(requester) === true;
    if (this.#leaving?.size === 0) this.#leaving = undefined;
    return wasLeaving;
  }
}
