import type { Caller, Log } from "#wire/context.ts";
import { Fault } from "#wire/fault.ts";
import type { Call } from "#wire/operation.ts";
import { roleCaller } from "./integrations/role.ts";
import type { Execution, Origin } from "./language/interpreter/execution.ts";
import type { HistoryEvent } from "./language/interpreter/history.ts";
import type { Revision } from "./machine-rows.ts";
import { shortened, withoutData } from "./without-data.ts";

/** Writes the events of executions to the log group that their state machine names; what a crash catches on the way is not written again. */
export type ExecutionLogs = {
  write(revision: Revision, execution: Logged, history: readonly HistoryEvent[]): void;
  close(): Promise<void>;
};

type Logged = Pick<Execution, "origin" | "redriveCount">;
type Line = { timestamp: number; message: string };
type Destination = { group: string; stream: string; lines: Line[]; call: Call; writing: Promise<void> | undefined; isMade: boolean };

const batchLines = 1_000;
const batchBytes = 1_000_000;
const lineOverheadBytes = 26;
const mostDestinations = 1_000;

/** https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html#cloudwatch-log-level */
const isLogged = (level: string | undefined, type: string): boolean =>
  level === "ALL" ||
  (level === "ERROR" && /(Failed|TimedOut|Aborted)$|^FailStateEntered$/.test(type)) ||
  (level === "FATAL" && /^Execution(Failed|TimedOut|Aborted)$/.test(type));

export const newExecutionLogs = ({
  callAs,
  newId,
  log,
}: {
  callAs: (caller: Caller, region: string) => Call;
  newId: () => string;
  log: Log;
}): ExecutionLogs => {
  const destinations = new Map<string, Destination>();
  const destinationOf = (group: string, origin: Origin, at: number): Destination => {
    const hour = new Date(at).toISOString().slice(0, 13).replace("T", "-");
    const id = `${origin.region} ${group} ${origin.stateMachineArn} ${hour}`;
    const known = destinations.get(id);
    if (known) return known;
    for (const [oldest, { writing }] of destinations) {
      if (destinations.size < mostDestinations) break;
      if (!writing) destinations.delete(oldest);
    }
    const stream = `states/${origin.stateMachineName}/${hour}-00/${newId().slice(0, 8)}`;
    const call = callAs(roleCaller({ credentials: undefined }, origin), origin.region);
    const made: Destination = { group, stream, lines: [], call, writing: undefined, isMade: false };
    destinations.set(id, made);
    return made;
  };
  const begin = (destination: Destination): void => {
    const { group, lines } = destination;
    destination.writing = flush(destination)
      .catch((error: unknown) => {
        destination.isMade = false;
        lines.length = 0;
        log.warn({ error, group }, "events of executions could not be logged");
      })
      .finally(() => {
        destination.writing = undefined;
        if (lines.length > 0) begin(destination);
      });
  };
  const write: ExecutionLogs["write"] = ({ settings: { logging } }, execution, history) => {
    const [{ cloudWatchLogsLogGroup } = {}] = logging?.destinations ?? [];
    const group = cloudWatchLogsLogGroup?.logGroupArn?.split(":")[6];
    if (logging?.level === undefined || logging.level === "OFF" || group === undefined) return;
    const events = history.filter(({ type }) => isLogged(logging.level, type));
    const [first] = events;
    if (!first) return;
    const destination = destinationOf(group, execution.origin, first.timestamp);
    destination.lines.push(...events.map((event) => lineOf(event, execution, logging.includeExecutionData === true)));
    if (!destination.writing) begin(destination);
  };
  const close = async () => {
    await Promise.all([...destinations.values()].flatMap(({ writing }) => (writing ? [writing] : [])));
  };
  return { write, close };
};

const lineOf = (event: HistoryEvent, { origin, redriveCount }: Logged, isDataIncluded: boolean): Line => {
  const { id, type, previousEventId, timestamp, ...rest } = event;
  const [details = {}] = Object.values(rest);
  const message = {
    id: String(id),
    type,
    details: isDataIncluded ? shortened(details) : withoutData(details),
    previous_event_id: String(previousEventId),
    event_timestamp: String(timestamp),
    execution_arn: origin.executionArn,
    redrive_count: String(redriveCount),
  };
  return { timestamp, message: JSON.stringify(message) };
};

const flush = async (destination: Destination): Promise<void> => {
  const { call, group: logGroupName, stream: logStreamName, lines } = destination;
  // Those who write at the same moment share a call.
  await Promise.resolve();
  if (!destination.isMade) {
    await call("logs", "CreateLogStream", { logGroupName, logStreamName }).catch((error: unknown) => {
      if (!(error instanceof Fault && error.code === "ResourceAlreadyExistsException")) throw error;
    });
    destination.isMade = true;
  }
  while (lines.length > 0) {
    const batch = lines.splice(0, fitting(lines)).toSorted((one, other) => one.timestamp - other.timestamp);
    await call("logs", "PutLogEvents", { logGroupName, logStreamName, logEvents: batch }); // oxlint-disable-line no-await-in-loop
  }
};

/** How many of the lines go into one call: one at least. */
const fitting = (lines: readonly Line[]): number => {
  let bytes = 0;
  const end = lines.slice(0, batchLines).findIndex(({ message }) => (bytes += Buffer.byteLength(message) + lineOverheadBytes) > batchBytes);
  return end === -1 ? batchLines : Math.max(end, 1);
};
