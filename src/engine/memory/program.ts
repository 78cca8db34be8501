/**
 * What a container of the in-memory engine does is said by its command, word by word: `print TEXT`, `complain TEXT` (on stderr),
 * `sleep SECONDS`, `healthy`, `unhealthy`, `wait` (until it is asked to stop, then it exits with 0), `persist` (until it is killed),
 * `exhaust` (all its memory, and is killed for it), `exit CODE`. At the end it exits with 0.
 */
export type Step =
  | { do: "print" | "complain"; text: string }
  | { do: "sleep"; ms: number }
  | { do: "healthy" | "unhealthy" | "wait" | "persist" | "exhaust" }
  | { do: "exit"; code: number };

/** Undefined when the command is not in the language, as a program that can't be found. */
export const parseProgram = (command: readonly string[]): Step[] | undefined => {
  const words = [...command];
  const steps: Step[] = [];
  for (let verb = words.shift(); verb !== undefined; verb = words.shift()) {
    if (verb === "print" || verb === "complain") steps.push({ do: verb, text: words.shift() ?? "" });
    else if (verb === "sleep") steps.push({ do: verb, ms: Number(words.shift()) * 1000 });
    else if (verb === "exit") steps.push({ do: verb, code: Number(words.shift()) });
    else if (verb === "healthy" || verb === "unhealthy" || verb === "wait" || verb === "persist" || verb === "exhaust")
      steps.push({ do: verb });
    else return undefined;
  }
  return steps;
};

/** When things happen: the machine's clock, or one that a test turns. */
export type Clock = { now(): number; after(ms: number, action: () => void): Disposable };

export const realClock: Clock = {
  now: () => Date.now(),
  after: (ms, action) => {
    const timer = setTimeout(action, ms).unref();
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  },
};
