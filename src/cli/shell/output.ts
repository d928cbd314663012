const colours = { red: 31, green: 32, yellow: 33, magenta: 35, cyan: 36, gray: 90 } as const;

/** The names of the colours. */
export type Colour = keyof typeof colours;

/** Standard output or standard error. */
export class Output {
  readonly stream: NodeJS.WriteStream;
  readonly #isColoured: boolean;

  constructor(stream: NodeJS.WriteStream, environment: NodeJS.ProcessEnv) {
    this.stream = stream;
    this.#isColoured = stream.isTTY && !environment['NO_COLOR'] && environment['TERM'] !== 'dumb';
  }

  /** Writes a line. */
  line(text: string): void {
    this.stream.write(`${text}\n`);
  }

  /** The text in a colour; as it is where colours are not wanted. */
  paint(colour: Colour, text: string): string {
    return this.#isColoured ? `\u001B[${colours[colour]}m${text}\u001B[39m` : text;
  }
}
