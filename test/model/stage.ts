import type { CallbackName } from './order.js';
import type { Program } from './program.js';

/** Something a program does with its connection; the label is how a counterexample shows it. */
export interface Action {
  readonly label: string;
  readonly act: (program: Program) => void;
}

/**
 * How a callback ends: as it should, or otherwise. A promise may settle some turns `later`, `never`, or only in the
 * next life (`late`, `late-reject`), whose own handshake is then still going on.
 */
export type Outcome = 'return' | 'throw' | 'reject' | 'later' | 'never' | 'late' | 'late-reject';

/** What is done inside one call of a callback. */
export interface Scene {
  readonly at: CallbackName;
  readonly actions: readonly Action[];
  readonly outcome: Outcome;
}

/** The scenes that wait for their callbacks; each is played once. */
export class Stage {
  readonly #scenes: Map<CallbackName, Scene[]> = new Map();

  arm(scene: Scene): void {
    const waiting = this.#scenes.get(scene.at);
    if (waiting) waiting.push(scene);
    else this.#scenes.set(scene.at, [scene]);
  }

  /** To be played before all others. */
  armFirst(scene: Scene): void {
    this.#scenes.set(scene.at, [scene, ...(this.#scenes.get(scene.at) ?? [])]);
  }

  next(at: CallbackName): Scene | undefined {
    return this.#scenes.get(at)?.shift();
  }

  clear(): void {
    this.#scenes.clear();
  }
}
