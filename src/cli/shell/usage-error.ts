/** Wrong arguments: the command prints the message in one line, and its exit code is 2. */
export class UsageError extends Error {
  override readonly name: string = 'UsageError';
  /** The command that was given them. */
  readonly command: string | undefined;

  constructor(message: string, command?: string) {
    super(message);
    this.command = command;
  }
}
