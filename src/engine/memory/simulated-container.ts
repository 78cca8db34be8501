import type { ContainerSpec, ContainerStatus, LogLine } from "../engine.ts";
import type { Clock, Step } from "./program.ts";

type Ended = { exitCode: number; finishedAt: number; reason?: string };

/** A container that follows its program on a clock. */
export class SimulatedContainer {
  readonly spec: ContainerSpec;
  readonly lines: LogLine[] = [];
  readonly #runtimeId: string;
  readonly #clock: Clock;
  readonly #changed: () => void;
  readonly #startedAt: number;
  readonly #steps: Step[];
  #health: ContainerStatus["health"];
  #ended: Ended | undefined;
  /** What ends the step that takes time. */
  #waiting: { until: number; timer: Disposable | undefined; leftMs: number } | undefined;
  #frozen = false;

  constructor(
    spec: ContainerSpec,
    runtimeId: string,
    { clock, steps, changed }: { clock: Clock; steps: readonly Step[]; changed: () => void },
  ) {
    this.spec = spec;
    this.#runtimeId = runtimeId;
    this.#clock = clock;
    this.#changed = changed;
    this.#startedAt = clock.now();
    this.#steps = [...steps];
    this.#health = spec.healthCheck ? "starting" : "none";
    // Not before the caller has heard that it runs.
    this.#sleep(0);
  }

  get running(): boolean {
    return this.#ended === undefined;
  }

  status(): ContainerStatus {
    const state = this.#ended ? "exited" : this.#frozen ? "frozen" : "running";
    return { name: this.spec.name, runtimeId: this.#runtimeId, state, health: this.#health, startedAt: this.#startedAt, ...this.#ended };
  }

  /** As SIGTERM: whoever waits for it exits well, whoever persists does not listen, all others die of it. */
  ask(): void {
    const [step] = this.#steps;
    if (step?.do === "wait") this.#end({ exitCode: 0 });
    else if (step?.do !== "persist") this.#end({ exitCode: 143 });
  }

  kill(): void {
    this.#end({ exitCode: 137 });
  }

  freeze(): void {
    if (!this.running || this.#frozen) return;
    this.#frozen = true;
    if (this.#waiting) {
      this.#waiting.timer?.[Symbol.dispose]();
      this.#waiting = { ...this.#waiting, timer: undefined, leftMs: Math.max(0, this.#waiting.until - this.#clock.now()) };
    }
    this.#changed();
  }

  thaw(): void {
    if (!this.#frozen) return;
    this.#frozen = false;
    if (this.#waiting) this.#sleep(this.#waiting.leftMs);
    this.#changed();
  }

  #sleep(ms: number): void {
    const timer = this.#clock.after(ms, () => {
      this.#waiting = undefined;
      this.#proceed();
    });
    this.#waiting = { until: this.#clock.now() + ms, timer, leftMs: ms };
  }

  #proceed(): void {
    while (this.running) {
      const [step] = this.#steps;
      // Whoever waits or persists stays at that step.
      if (step?.do === "wait" || step?.do === "persist") return;
      this.#steps.shift();
      switch (step?.do) {
        case "print":
        case "complain":
          this.#write(step.do === "print" ? "stdout" : "stderr", step.text);
          break;
        case "sleep":
          this.#sleep(step.ms);
          return;
        case "healthy":
        case "unhealthy":
          this.#health = this.spec.healthCheck ? step.do : "none";
          this.#changed();
          break;
        case "exhaust":
          this.#end({ exitCode: 137, reason: "OutOfMemoryError: Container killed due to memory usage" });
          return;
        case "exit":
          this.#end({ exitCode: step.code });
          return;
        default:
          this.#end({ exitCode: 0 });
      }
    }
  }

  #write(stream: LogLine["stream"], text: string): void {
    this.lines.push({ timestamp: this.#clock.now(), stream, text, position: { timestamp: 0, lines: this.lines.length + 1 } });
    this.#changed();
  }

  #end(how: Omit<Ended, "finishedAt">): void {
    if (!this.running) return;
    this.#waiting?.timer?.[Symbol.dispose]();
    this.#waiting = undefined;
    this.#frozen = false;
    this.#ended = { ...how, finishedAt: this.#clock.now() };
    this.#changed();
  }
}
