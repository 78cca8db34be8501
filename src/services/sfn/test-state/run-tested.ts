import { setTimeout as pause } from "node:timers/promises";
import type { Effect } from "../language/interpreter/effects.ts";
import type { Occurrence, StateMocked } from "../language/interpreter/events.ts";
import type { Execution, Origin, Thread } from "../language/interpreter/execution.ts";
import { firstItem } from "../language/interpreter/mocked.ts";
import type { Inspection } from "../language/interpreter/inspection.ts";
import { startWithin } from "../language/interpreter/start-within.ts";
import { step } from "../language/interpreter/step.ts";
import type { Json } from "../language/json.ts";
import { exceedsTolerance, toleranceExceeded } from "../language/map-run/tally.ts";
import type { SfnContext } from "../sfn.ts";
import { checkFailureCount } from "./check-request.ts";
import type { Request } from "./check-request.ts";
import { distributed, stateInside } from "./tested.ts";
import type { Tested } from "./tested.ts";

type Task = Extract<Effect, { kind: "task" }>;
type Around = { readonly context: SfnContext; readonly origin: Origin };

/** What a test came to: the execution after it, and the data on the way there. */
export type Outcome = { readonly execution: Execution; readonly inspection: Inspection; readonly tested: Tested };

/** Takes a test's execution on, one occurrence after the other. */
class Bench {
  execution: Execution;
  inspection: Inspection = {};
  task: Task | undefined;
  readonly tested: Tested;
  readonly #around: Around;

  constructor(tested: Tested, retries: number, around: Around) {
    const { context, origin } = around;
    this.tested = tested;
    this.#around = around;
    const scope = tested.lineage[0]?.scope ?? 0;
    const item = tested.outer && firstItem(JSON.parse(origin.input) as Json, sourceIn(tested.outer));
    const placed = { ...origin, scope, ...(item === undefined ? {} : { item }) };
    const event = { kind: "started", origin: placed, now: context.now, entropy: context.newId() } as const;
    this.execution = startWithin(tested.machine, event, { lineage: tested.lineage, retries });
  }

  /** The thread that is at the tested state. */
  get id(): string {
    return String(this.tested.lineage.length - 1);
  }

  get thread(): Thread | undefined {
    return this.execution.threads[this.id];
  }

  async tell(occurrence: Occurrence, { budget = 0, lateMs = 0 } = {}): Promise<void> {
    const { now, newId } = this.#around.context;
    const event = { now: now + lateMs, entropy: newId(), ...occurrence };
    const { execution, inspection, effects } = await step(this.tested.machine, this.execution, { event, budget, inspect: true });
    this.execution = execution;
    this.inspection = { ...this.inspection, ...inspection };
    this.task = effects.find((effect): effect is Task => effect.kind === "task") ?? this.task;
  }
}

const sourceIn = ({ state }: Tested): string | undefined => (distributed(state)?.reader === undefined ? "STATE_DATA" : undefined);

const mostMs = 300_000;

/** Ends early when nobody waits any longer. */
const pausing = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  pause(milliseconds, undefined, { signal, ref: false }).catch(() => undefined);

/** Runs the state up to where it is left, tried again or failed. */
export const runTested = async (tested: Tested, request: Request, around: Around): Promise<Outcome> => {
  const bench = new Bench(tested, request.stateConfiguration?.retrierRetryCount ?? 0, around);
  await bench.tell({ kind: "wake" }, { budget: 1 });
  const { phase } = bench.thread ?? {};
  if (phase?.kind === "task" && bench.task) await answerTask(bench, bench.task, { request, around });
  else if (phase?.kind === "waiting") await waitUntil(bench, phase.until, around.context);
  else if (phase?.kind === "branches" || phase?.kind === "iterating" || phase?.kind === "mapRun") await answerInside(bench, request);
  return bench.execution.status === "FAILED" && tested.outer ? failOuter(bench, tested.outer, { request, around }) : bench;
};

/** A test may take five minutes; then it ends as an execution that took too long. */
const waitUntil = async (bench: Bench, until: number, { now, signal }: SfnContext): Promise<void> => {
  const lateMs = Math.min(until - now, mostMs);
  await pausing(lateMs, signal);
  await bench.tell({ kind: "wake" }, { lateMs });
};

const answerTask = async (bench: Bench, task: Task, { request: { mock }, around }: { request: Request; around: Around }): Promise<void> => {
  const { key, timeoutSeconds } = task;
  if (mock?.result !== undefined) return bench.tell({ kind: "taskSucceeded", key, output: mock.result });
  if (mock) return bench.tell({ kind: "taskFailed", key, ...reasonOf(mock.errorOutput) });
  const { context, origin } = around;
  const lateMs = Math.min((timeoutSeconds ?? Number.POSITIVE_INFINITY) * 1000, mostMs);
  const ended = new AbortController();
  const signal = AbortSignal.any([context.signal, ended.signal]);
  const late = pausing(lateMs, signal);
  const done = await Promise.race([context.testTasks.perform(task, { origin, signal, tell: async () => {} }), late]);
  ended.abort();
  await (done ? bench.tell(done) : bench.tell({ kind: "wake" }, { lateMs }));
};

const reasonOf = (errorOutput: NonNullable<Request["mock"]>["errorOutput"]): { error?: string; cause?: string } => {
  const { error, cause } = errorOutput ?? {};
  return { ...(error === undefined ? {} : { error }), ...(cause === undefined ? {} : { cause }) };
};

/** Answers in place of a Parallel's branches, or of a Map's iterations once its items are known. */
const answerInside = async (bench: Bench, request: Request): Promise<void> => {
  await bench.tell({ kind: "itemsMocked", thread: bench.id, data: request.stateConfiguration?.mapItemReaderData });
  // Items that cannot be selected have failed the Map already.
  if (bench.execution.status !== "RUNNING" || bench.inspection.failure !== undefined) return;
  if (bench.inspection.items !== undefined) checkFailureCount(request, bench.inspection.items);
  await bench.tell(outcomeOf(bench, request));
};

const outcomeOf = ({ id, thread, inspection, tested }: Bench, { mock, stateConfiguration = {} }: Request): StateMocked => {
  const { errorCausedByState, mapIterationFailureCount: failed = 0 } = stateConfiguration;
  if (mock?.result === undefined) {
    const cause = errorCausedByState === undefined ? undefined : stateInside(tested.machine, tested.state, errorCausedByState);
    return { kind: "stateMocked", thread: id, ...reasonOf(mock?.errorOutput), byTask: cause?.type === "Task" };
  }
  const spec = thread?.phase.kind === "mapRun" ? thread.phase.run.spec : undefined;
  const tolerated = { toleratedFailureCount: spec?.toleratedFailureCount, toleratedFailurePercentage: spec?.toleratedFailurePercentage };
  return exceedsTolerance(tolerated, { total: inspection.items, failed })
    ? tooManyFailed(id)
    : { kind: "stateMocked", thread: id, output: mock.result };
};

const tooManyFailed = (thread: string): StateMocked => {
  const { error, cause } = toleranceExceeded();
  return { kind: "stateMocked", thread, error, cause, byTask: true };
};

/**
 * What fails inside of a distributed Map fails its child execution alone, and the Map only with too many of them. How many there are in all is not
 * known then, so a tolerated percentage is not looked at, nor a number that would be read from the Map's input.
 */
const failOuter = async (bench: Bench, outer: Tested, { request, around }: { request: Request; around: Around }): Promise<Outcome> => {
  const { toleratedFailureCount: count, toleratedFailurePercentage } = distributed(outer.state) ?? {};
  if (count === undefined ? toleratedFailurePercentage !== undefined : count.kind !== "literal") return bench;
  const failed = (request.stateConfiguration?.mapIterationFailureCount ?? 0) + 1;
  const tolerated = { toleratedFailureCount: count?.kind === "literal" ? count.value : undefined, toleratedFailurePercentage: undefined };
  if (!exceedsTolerance(tolerated, { total: undefined, failed })) return bench;
  const above = new Bench(outer, 0, around);
  await above.tell(tooManyFailed(above.id));
  return { execution: above.execution, inspection: { ...bench.inspection, ...above.inspection }, tested: outer };
};
