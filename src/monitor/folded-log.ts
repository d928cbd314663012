/** A line of the log: the same thing, once or several times. */
export interface LogEntry {
  /** The number of the change after which it is as it is. */
  readonly version: number;
  /** The number of the entry, which never changes. */
  readonly number: number;
  readonly subject: string;
  readonly text: string;
  /** How often it has happened. */
  readonly count: number;
  /** When it happened first and last, in milliseconds. */
  readonly first: number;
  readonly last: number;
}

const most = 200;
/** How many entries are looked at for the same thing: a server that flaps is lost and back in turns. */
const near = 24;
/** What is older is another story, in milliseconds. */
const longest = 300_000;

/** What has happened, in order, with repetitions folded into one entry. */
export class FoldedLog {
  #entries: LogEntry[] = [];
  #version = 0;
  #made = 0;

  /** The number of the last change. */
  get version(): number {
    return this.#version;
  }

  add(subject: string, text: string, at: number): void {
    this.#version += 1;
    const index = this.#find(subject, text, at - longest);
    const [same] = index < 0 ? [] : this.#entries.splice(index, 1);
    this.#entries.push(
      same
        ? { ...same, version: this.#version, count: same.count + 1, last: at }
        : { version: this.#version, number: ++this.#made, subject, text, count: 1, first: at, last: at },
    );
    if (this.#entries.length > most) this.#entries.shift();
  }

  /** The place of a recent entry that says the same; -1 where there is none. */
  #find(subject: string, text: string, after: number): number {
    const first = Math.max(0, this.#entries.length - near);
    for (let place = this.#entries.length - 1; place >= first; place -= 1) {
      const entry = this.#entries[place] as LogEntry;
      if (entry.subject === subject && entry.text === text && entry.last > after) return place;
    }
    return -1;
  }

  /** The entries that have changed after that version, the oldest change first. */
  since(version: number): readonly LogEntry[] {
    return this.#entries.filter((entry) => entry.version > version);
  }
}
