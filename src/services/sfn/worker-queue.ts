/** Workers that wait for a task of an activity: only a hint that one is there, the queue itself is rows. */
export type WorkerQueue = {
  arrived(activityArn: string): void;
  /** Resolves when a task may be there, when `signal` aborts, or after so long. */
  wait(activityArn: string, milliseconds: number, signal: AbortSignal): Promise<void>;
  /** Whether a task may be handed out by the caller: until it is released, it is nobody else's. */
  claim(token: string): boolean;
  release(token: string): void;
  claimed(): number;
  /** How many wait for a task of an activity. */
  waiting(activityArn: string): number;
  close(): void;
};

export const newWorkerQueue = (): WorkerQueue => {
  const waiting = new Map<string, Set<() => void>>();
  const claims = new Set<string>();
  return {
    claim: (token) => {
      const isFree = !claims.has(token);
      claims.add(token);
      return isFree;
    },
    release: (token) => claims.delete(token),
    claimed: () => claims.size,
    waiting: (activityArn) => waiting.get(activityArn)?.size ?? 0,
    arrived: (activityArn) => {
      for (const wake of waiting.get(activityArn) ?? []) wake();
    },
    wait: (activityArn, milliseconds, signal) =>
      new Promise((resolve) => {
        const those = waiting.get(activityArn) ?? new Set();
        waiting.set(activityArn, those);
        const wake = () => {
          clearTimeout(timer);
          signal.removeEventListener("abort", wake);
          those.delete(wake);
          if (those.size === 0 && waiting.get(activityArn) === those) waiting.delete(activityArn);
          resolve();
        };
        const timer = setTimeout(wake, milliseconds).unref();
        signal.addEventListener("abort", wake, { once: true });
        those.add(wake);
      }),
    close: () => {
      for (const those of waiting.values()) for (const wake of those) wake();
    },
  };
};
