/** What writes are guarded by. */
export interface WriteSettings {
  /** How many bytes may wait to be sent. */
  readonly maxBuffered: number;
  /** Whether what is written in one turn leaves together. */
  readonly autoCork: boolean;
}

/** Whose writes are guarded. */
export interface Writer {
  readonly writing: WriteSettings;
  /** More than that waits. */
  overflowed(): void;
  /** Data was refused, by the present guard or that of an earlier socket. */
  refused(owesDrain: boolean, hasCallback: boolean): void;
}
