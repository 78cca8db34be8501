import { holds } from "../choice/decide.ts";
import type { ChoiceState, FailState, Field, ParallelState, Payload, State, WaitState } from "../definition.ts";
import type { Json } from "../json.ts";
import { look } from "../intrinsics/evaluate.ts";
import { unsuitable, within } from "../jsonata/expression.ts";
import { limits } from "../limits.ts";
import { runtimeFailure } from "../state-failure.ts";
import { parseTimestamp } from "../timestamp.ts";
import { whole } from "./history.ts";
import { assign, leave, leaveWith, transformed } from "./leave.ts";
import { recover } from "./failure.ts";
import { runMap } from "./maps.ts";
import type { Run } from "./run.ts";
import { runTask } from "./tasks.ts";
import { effectiveInput, evaluateField, number, selectedInput, sourceOf, text, through, viewOf, type View } from "./view.ts";

/** A thread arrives at a state. */
export const enter = (run: Run, id: string): void => {
  const thread = run.thread(id);
  const { type, name } = run.state(thread);
  run.note(() => ({ input: thread.input }));
  const enteredEventId = run.record(id, `${type}StateEntered`, {
    stateEnteredEventDetails: { name, input: thread.input, inputDetails: whole },
  });
  run.put({ ...run.thread(id), enteredEventId, enteredAt: run.now, phase: { kind: "running" } });
};

/** Does what a state is for, or sets it going. */
export const work = async (run: Run, id: string, state: State): Promise<void> => {
  switch (state.type) {
    case "Pass": {
      const input = await effectiveInput(run, run.thread(id), { state });
      return leaveWith(run, id, { state, result: state.result ? state.result.value : input });
    }
    case "Succeed":
      return leaveWith(run, id, { state, result: selectedInput(run, run.thread(id), state.flow) });
    case "Fail":
      return failAsTold(run, id, state);
    case "Choice":
      return choose(run, id, state);
    case "Wait":
      return wait(run, id, state);
    case "Task":
      return runTask(run, id, state);
    case "Parallel":
      return runBranches(run, id, state);
    case "Map":
      return runMap(run, id, state);
  }
};

const choose = async (run: Run, id: string, state: ChoiceState): Promise<void> => {
  const thread = run.thread(id);
  const input = selectedInput(run, thread, state.flow);
  const view = viewOf(run, thread, { input });
  for (const rule of state.rules) {
    if (!(await holds(rule.condition, view))) continue;
    return leaveChoice(run, id, { state, view, rule });
  }
  if (state.default === undefined) {
    throw runtimeFailure("Failed to transition out of the state. The state does not point to a next state.");
  }
  const byDefault = { next: state.default, output: state.flow.output, assign: state.flow.assign };
  return leaveChoice(run, id, { state, view, rule: byDefault });
};

type Way = { readonly next: string; readonly output: Payload | undefined; readonly assign: Payload | undefined };

const leaveChoice = async (run: Run, id: string, { state, view, rule }: { state: ChoiceState; view: View; rule: Way }): Promise<void> => {
  if (state.language === "JSONata") {
    const fallback = run.read(run.thread(id).input);
    return leave(run, id, { ...(await transformed(run, rule, { view, fallback })), next: rule.next });
  }
  const output = through(state.flow.outputPath, "OutputPath", view);
  const assigned = await assign(rule.assign, () => view);
  const { input } = run.thread(id);
  return leave(run, id, { output: output === run.read(input) ? input : run.write(output), assigned, next: rule.next });
};

const wait = async (run: Run, id: string, state: WaitState): Promise<void> => {
  const thread = run.thread(id);
  const view = viewOf(run, thread, { input: selectedInput(run, thread, state.flow) });
  const until = state.seconds ? run.now + (await secondsOf(state.seconds, view)) * 1000 : await timestampOf(state, view);
  if (until > run.now) run.phase(id, { kind: "waiting", until });
  else await endWait(run, id);
};

export const endWait = async (run: Run, id: string): Promise<void> => {
  const state = run.state(run.thread(id));
  run.phase(id, { kind: "running" });
  await leaveWith(run, id, { state, result: selectedInput(run, run.thread(id), state.flow) });
};

/** The value of a Wait's field; AWS has words of its own for a path that leads nowhere. */
const waitField = async <T extends Json>(field: Field<NoInfer<T>>, view: View, how: Parameters<typeof evaluateField<T>>[2]): Promise<T> => {
  if (field.kind === "path" && field.expression.kind === "path" && look(field.expression.path, view.sight) === undefined) {
    throw runtimeFailure(`The ${field.field} parameter does not reference an input value: ${sourceOf(field.expression)}`);
  }
  return evaluateField(field, view, how);
};

const notSeconds = (path: string, value: Json) =>
  runtimeFailure(`The SecondsPath parameter cannot be parsed as a long value: ${path} == ${JSON.stringify(value)}`);

const secondsOf = async (field: Field<number>, view: View): Promise<number> => {
  const value = await waitField(field, view, { expected: number, reject: notSeconds });
  if (field.kind === "query") return within(field.query, value, { least: 0, most: limits.seconds });
  const path = field.kind === "path" ? sourceOf(field.expression) : "Seconds";
  if (!Number.isInteger(value)) throw notSeconds(path, value);
  if (value < 0) throw runtimeFailure(`The SecondsPath parameter references a negative value: ${path} == ${value}`);
  if (value > limits.seconds)
    throw runtimeFailure(`The SecondsPath parameter references a value greater than ${limits.seconds}: ${path} == ${value}`);
  return value;
};

const notTimestamp = (path: string, value: Json) =>
  runtimeFailure(
    `The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: ${path} == ${typeof value === "string" ? value : JSON.stringify(value)}`,
  );

const timestampOf = async ({ timestamp }: WaitState, view: View): Promise<number> => {
  if (timestamp === undefined) return 0;
  const value = await waitField(timestamp, view, { expected: text, reject: notTimestamp });
  const at = parseTimestamp(value);
  if (at === undefined && timestamp.kind === "query") {
    throw unsuitable(timestamp.query, `returned a value that is not a valid ISO-8601 extended offset date-time: ${JSON.stringify(value)}`);
  }
  if (at === undefined) throw notTimestamp(timestamp.kind === "path" ? sourceOf(timestamp.expression) : "Timestamp", value);
  // AWS looks at whole seconds only: a fraction is cut off.
  return Math.floor(at / 1000) * 1000;
};

const failAsTold = async (run: Run, id: string, state: FailState): Promise<void> => {
  const view = viewOf(run, run.thread(id));
  const evaluated = async (field: Field<string> | undefined): Promise<string | undefined> => {
    if (field === undefined) return undefined;
    const reject = (path: string, value: Json) =>
      runtimeFailure(
        `The ${field.kind === "path" ? field.field : "field"} '${path}' must reference a string, but was: ${JSON.stringify(value)}`,
      );
    return evaluateField(field, view, { expected: text, reject });
  };
  const error = await evaluated(state.error);
  const cause = await evaluated(state.cause);
  await recover(run, id, { error, cause });
};

const runBranches = async (run: Run, id: string, state: ParallelState): Promise<void> => {
  const input = run.write(await effectiveInput(run, run.thread(id), { state }));
  const startedEventId = run.record(id, "ParallelStateStarted");
  const parent = run.phase(id, { kind: "branches", count: state.branches.length, done: 0, startedEventId });
  const ids = state.branches.map((scope, index) => {
    const child = run.fork(parent, scope, index);
    run.put({ ...child, input, lastEventId: startedEventId });
    return child.id;
  });
  run.ready.push(...ids.toReversed());
};
