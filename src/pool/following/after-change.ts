import type { AsyncResource } from 'node:async_hooks';

/** Runs tasks once the present change is complete, in one async context: each once, however often it was asked for meanwhile. */
export class AfterChange<Task> {
  readonly #context: AsyncResource;
  readonly #run: (tasks: ReadonlySet<Task>) => void;
  #tasks: Set<Task> = new Set();

  constructor(context: AsyncResource, run: (tasks: ReadonlySet<Task>) => void) {
    this.#context = context;
    this.#run = run;
  }

  schedule(task: Task): void {
    const isScheduled = this.#tasks.size > 0;
    this.#tasks.add(task);
    if (isScheduled) return;
    process.nextTick(() => {
      const tasks = this.#tasks;
      this.#tasks = new Set();
      this.#context.runInAsyncScope(() => this.#run(tasks));
    });
  }
}
