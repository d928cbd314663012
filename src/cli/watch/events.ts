/** What a server is found to be: `frozen` accepts connections and does not answer. */
export type Status = 'new' | 'up' | 'down' | 'frozen';

/** Something that happened to a server. Durations are in milliseconds. */
export type WatchEvent =
  | { readonly event: 'up'; readonly life: number; readonly downFor: number; readonly failedDials: number }
  | {
      readonly event: 'down' | 'frozen';
      readonly life: number;
      readonly code: string;
      readonly cause: string;
      readonly upFor: number;
      readonly nextDialIn: number;
    }
  | {
      readonly event: 'dial-failed';
      readonly cause: string;
      readonly attempts: number;
      readonly nextDialIn: number;
    };

/** What was found about a server. */
export interface Summary {
  readonly endpoint: string;
  readonly status: Status;
  /** How much of the time it was up, in percent. */
  readonly upPercent: number;
  /** How often it came up. */
  readonly lives: number;
  readonly failedDials: number;
  /** How often it was not reached or was lost, by the code of the root cause. */
  readonly causes: Readonly<Record<string, number>>;
  /** How its pings ended; the times in milliseconds. */
  readonly pings?: {
    readonly answered: number;
    readonly unanswered: number;
    readonly p50: number | null;
    readonly p99: number | null;
  };
}
