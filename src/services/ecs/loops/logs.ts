import { setTimeout as pause } from "node:timers/promises";
import type { ContainerDefinition } from "@aws-sdk/client-ecs";
import type { Engine, LogLine } from "#engine/engine.ts";
import type { Log } from "#wire/context.ts";
import { Fault } from "#wire/fault.ts";
import type { Call } from "#wire/operation.ts";
import type { TaskRecord } from "../ecs.ts";
import { drainLogsMs } from "../limits.ts";
import { inBatches } from "../log-batches.ts";
import type { LogRows, LogState } from "../log-rows.ts";

type Parts = {
  engine: () => Promise<Engine>;
  callFor: (task: TaskRecord, region: string) => Call;
  rows: LogRows;
  log: Log;
};

export type TaskLogs = {
  /** Makes the streams that the containers will write to. @throws Error whose message the task is to say */
  prepare(task: TaskRecord): Promise<void>;
  /** Reads on wherever a container's output is to go to a log group; once for each. */
  follow(task: TaskRecord): void;
  /** Waits until all that an ended task wrote has arrived. */
  drain(task: TaskRecord): Promise<void>;
  close(): Promise<void>;
};

type Stream = { container: string; group: string; stream: string; region: string; createsGroup: boolean };

const limits = { lines: 1000, bytes: 512 << 10, waitMs: 50 };
const retryMs = [200, 500, 1_000, 2_000, 5_000];
/** AWS's limit of one event. */
const maxMessageLength = 256 << 10;

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html */
const streamOf = (task: TaskRecord, { name = "", logConfiguration }: ContainerDefinition): Stream[] => {
  if (logConfiguration?.logDriver !== "awslogs") return [];
  const { options = {} } = logConfiguration;
  const prefix = options["awslogs-stream-prefix"];
  return [
    {
      container: name,
      group: options["awslogs-group"] ?? "",
      stream: prefix ? `${prefix}/${name}/${task.id}` : `${task.id}-${name}`,
      region: options["awslogs-region"] ?? task.region,
      createsGroup: options["awslogs-create-group"] === "true",
    },
  ];
};

const streamsOf = (task: TaskRecord): Stream[] => task.wanted.definition.containerDefinitions.flatMap((each) => streamOf(task, each));

/** Follows the output of tasks into log groups. Where each stands is a row, so that a restart neither loses nor repeats a line. */
export const newTaskLogs = (parts: Parts): TaskLogs => {
  const following = new Map<string, Map<string, Promise<void>>>();
  const closing = new AbortController();

  const follow = (task: TaskRecord): void => {
    const streams = streamsOf(task);
    if (streams.length === 0) return;
    const known = following.get(task.id) ?? new Map<string, Promise<void>>();
    following.set(task.id, known);
    for (const stream of streams)
      if (!known.has(stream.container)) known.set(stream.container, followOne(task, stream, { ...parts, signal: closing.signal }));
  };

  return {
    prepare: async (task) => {
      for (const stream of streamsOf(task)) await createStream(stream, parts.callFor(task, stream.region));
    },
    follow,
    drain: async (task) => {
      follow(task);
      const all = [...(following.get(task.id)?.values() ?? [])];
      if (all.length === 0) return;
      const late = new AbortController();
      await Promise.race([Promise.all(all), pause(drainLogsMs, undefined, { signal: late.signal }).catch(() => undefined)]);
      late.abort();
      following.delete(task.id);
    },
    close: async () => {
      closing.abort();
      await Promise.all([...following.values()].flatMap((each) => [...each.values()]));
    },
  };
};

const createStream = async ({ group, stream, createsGroup }: Stream, call: Call): Promise<void> => {
  const unlessThere = (error: unknown) => {
    if (!(error instanceof Fault && error.code === "ResourceAlreadyExistsException")) throw error;
  };
  try {
    if (createsGroup) await call("logs", "CreateLogGroup", { logGroupName: group }).catch(unlessThere);
    await call("logs", "CreateLogStream", { logGroupName: group, logStreamName: stream }).catch(unlessThere);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw new Error(
      `ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create CloudWatch log stream: ${error.code}: ${error.message} : exit status 1`,
      { cause: error },
    );
  }
};

type Following = Parts & { signal: AbortSignal };

const followOne = async (task: TaskRecord, stream: Stream, { engine, callFor, rows, log, signal }: Following): Promise<void> => {
  const call = callFor(task, stream.region);
  for (let failures = 0; !signal.aborted; failures += 1) {
    try {
      const { position } = await settle(await rows.find(task.id, stream.container), stream, call);
      let state: LogState = { position, sending: undefined };
      const lines = (await engine()).logs(task.id, stream.container, { ...(position ? { since: position } : {}), follow: true, signal });
      for await (const batch of inBatches(lines, limits)) {
        const sent = await send(batch, state, { stream, call, put: (next) => rows.put(task.id, stream.container, next) });
        state = { position: sent, sending: undefined };
        failures = 0;
      }
      return;
    } catch (error) {
      if (signal.aborted) return;
      if (failures === 0) log.warn({ error, taskId: task.id, container: stream.container }, "log lines could not be sent yet");
      await pause(retryMs[Math.min(failures, retryMs.length - 1)], undefined, { signal }).catch(() => undefined);
    }
  }
};

/** A batch that was on its way when the process ended has arrived when its last line is the stream's last: nobody else writes to it. */
const settle = async (
  { position, sending }: LogState,
  { group, stream }: Stream,
  call: Call,
): Promise<{ position: LogState["position"] }> => {
  if (!sending) return { position };
  const { events } = await call("logs", "GetLogEvents", { logGroupName: group, logStreamName: stream, startFromHead: false, limit: 1 });
  const last = events?.at(-1);
  const hasArrived = last?.timestamp === sending.last.timestamp && last?.message === sending.last.message;
  return { position: hasArrived ? sending.until : position };
};

type Target = { stream: Stream; call: Call; put: (state: LogState) => Promise<void> };

const send = async (batch: readonly LogLine[], { position }: LogState, { stream, call, put }: Target) => {
  const until = batch.at(-1)?.position ?? position;
  const logEvents = batch
    .filter(({ text }) => text !== "")
    .map(({ timestamp, text }) => ({ timestamp, message: text.slice(0, maxMessageLength) }))
    // Its two outputs are read as one, and may be a little out of order; the service takes only what is in order.
    .toSorted((a, b) => a.timestamp - b.timestamp);
  const last = logEvents.at(-1);
  if (!last || !until) return until;
  await put({ position, sending: { until, last } });
  await call("logs", "PutLogEvents", { logGroupName: stream.group, logStreamName: stream.stream, logEvents });
  return until;
};
