import { stateOf, type Machine, type State } from "../definition.ts";
import { isObject, type Json, type JsonObject } from "../json.ts";
import { SeededChance } from "./chance.ts";
import type { Effect } from "./effects.ts";
import type { Execution, JsonText, Phase, Thread } from "./execution.ts";
import type { Details, HistoryEvent, HistoryEventType } from "./history.ts";
import type { Inspection } from "./inspection.ts";

/** Raised when the next event would be the last one that a history may have. */
export class HistoryFull extends Error {}

/** The working copy of an execution during one step: it takes notes of events and effects, and knows no I/O. */
export class Run {
  readonly machine: Machine;
  readonly now: number;
  readonly chance: SeededChance;
  readonly effects: Effect[] = [];
  readonly history: HistoryEvent[] = [];
  /** Filled only when a test of a state asks for it. */
  readonly inspection: Inspection | undefined;
  /** Threads that can go on at once, the next one last. */
  readonly ready: string[] = [];
  execution: Execution;
  readonly #threads: Record<string, Thread>;
  readonly #values = new Map<JsonText, Json>();

  constructor(
    machine: Machine,
    execution: Execution,
    { now, entropy, inspect = false }: { now: number; entropy: string; inspect?: boolean },
  ) {
    this.machine = machine;
    this.execution = execution;
    this.now = now;
    this.chance = new SeededChance(entropy);
    this.#threads = { ...execution.threads };
    this.inspection = inspect ? {} : undefined;
  }

  /** The execution with all that this run has changed. */
  result(): Execution {
    return { ...this.execution, threads: this.#threads };
  }

  get running(): boolean {
    return this.execution.status === "RUNNING";
  }

  /** Notes a stage of a state's flow. */
  note(found: () => Inspection): void {
    if (this.inspection) Object.assign(this.inspection, found());
  }

  update(changes: Partial<Execution>): void {
    this.execution = { ...this.execution, ...changes };
  }

  threads(): Thread[] {
    return Object.values(this.#threads);
  }

  find(id: string): Thread | undefined {
    return this.#threads[id];
  }

  thread(id: string): Thread {
    const thread = this.#threads[id];
    if (thread === undefined) throw new Error(`No thread ${id}`);
    return thread;
  }

  /** The thread that a key of a task or a map run names, if it still waits for it. */
  waiting(key: string): Thread | undefined {
    const thread = this.find(key.slice(0, key.indexOf("-")));
    return thread !== undefined && keyOf(thread.phase) === key ? thread : undefined;
  }

  /** A key for what the thread is about to wait for, unique within the execution. */
  key(id: string): string {
    return `${id}-${this.execution.lastEventId + 1}`;
  }

  put(thread: Thread): Thread {
    this.#threads[thread.id] = thread;
    return thread;
  }

  phase(id: string, phase: Phase): Thread {
    return this.put({ ...this.thread(id), phase });
  }

  children(id: string): Thread[] {
    return this.threads().filter(({ parent }) => parent === id);
  }

  /** Forgets all threads below one. A thread's id is greater than its parent's, so one pass finds them all. */
  prune(id: string): void {
    const above = new Set([id]);
    for (const { id: below, parent } of this.threads()) {
      if (parent === undefined || !above.has(parent)) continue;
      above.add(below);
      delete this.#threads[below];
    }
    const items = Object.entries(this.execution.items);
    if (items.some(([owner]) => above.has(owner))) this.update({ items: Object.fromEntries(items.filter(([owner]) => !above.has(owner))) });
  }

  fork(parent: Thread, scope: number, index: number): Thread {
    const id = String(this.execution.nextThread);
    this.update({ nextThread: this.execution.nextThread + 1 });
    return this.put({
      ...parent,
      id,
      parent: parent.id,
      index,
      scope,
      state: this.machine.scopes[scope]?.startAt ?? "",
      variables: {},
      retryCount: 0,
      retries: [],
      phase: { kind: "arriving" },
    });
  }

  state(thread: Thread): State {
    const state = stateOf(this.machine, thread.scope, thread.state);
    if (state === undefined) throw new Error(`No state ${thread.state} in scope ${thread.scope}`);
    return state;
  }

  /** The value of a text; each text is parsed once. */
  read(text: JsonText): Json {
    const known = this.#values.get(text);
    if (known !== undefined) return known;
    const value = JSON.parse(text) as Json;
    this.#values.set(text, value);
    return value;
  }

  write(value: Json): JsonText {
    const text = JSON.stringify(value);
    if (isObject(value) || Array.isArray(value)) this.#values.set(text, value);
    return text;
  }

  /** The variables that a thread sees: its own over those of the threads it is inside of. */
  variables(thread: Thread): JsonObject {
    const outer = thread.parent === undefined ? undefined : this.find(thread.parent);
    return outer === undefined ? thread.variables : { ...this.variables(outer), ...thread.variables };
  }

  /** Appends an event; gives its id. */
  append(type: HistoryEventType, previousEventId: number, details?: Partial<Details>): number {
    const id = this.execution.lastEventId + 1;
    if (id >= (this.execution.origin.historyLimit ?? Number.POSITIVE_INFINITY) && !type.startsWith("Execution")) throw new HistoryFull();
    this.execution = { ...this.execution, lastEventId: id };
    this.history.push({ timestamp: this.now, type, id, previousEventId, ...details });
    return id;
  }

  /** Appends an event to a thread's own chain; gives its id. */
  record(id: string, type: HistoryEventType, details?: Partial<Details>): number {
    const thread = this.thread(id);
    const eventId = this.append(type, thread.lastEventId, details);
    this.put({ ...thread, lastEventId: eventId });
    return eventId;
  }
}

const keyOf = (phase: Phase): string | undefined =>
  phase.kind === "task" ? phase.task.key : phase.kind === "mapRun" ? phase.run.key : undefined;
