import { parseCloudAddress } from "#config";
import { CliError } from "../cli-error.ts";
import type { Command } from "../command.ts";
import { cloudOptions, readArguments } from "../read-arguments.ts";
import { table } from "../terminal.ts";
import type { Terminal } from "../terminal.ts";
import { getWorkflow, listWorkflows } from "../workflows/ask-workflows.ts";
import type { Cloud } from "../workflows/ask-workflows.ts";
import { drawWorkflow, executionSigns } from "../workflows/draw.ts";
import { findExecution } from "../workflows/find-execution.ts";
import { followExecution } from "../workflows/follow-execution.ts";
import type { ListedExecution } from "../workflows/graph.ts";
import { duration } from "../workflows/state-lines.ts";

const usage = `workflows [WORKFLOW] [OPTIONS]
  The executions of state machines that began last; or one of them as a graph: what its states did, took, got and gave.
  WORKFLOW is a state machine's name, for its latest execution, MACHINE/EXECUTION, or an execution's ARN.
  --follow               draw it until it has ended; the exit code says whether it succeeded
  --io                   inputs and outputs in full, not a line of what states gave
  --status FAILED        list only those: RUNNING, SUCCEEDED, FAILED, TIMED_OUT or ABORTED
  --limit 20             how many to list, up to 1000
  --endpoint URL, --region NAME, --json`;

export const workflows: Command = {
  usage,
  run: async (args, terminal) => {
    const options = {
      ...cloudOptions,
      follow: { type: "boolean", short: "f" },
      io: { type: "boolean" },
      status: { type: "string" },
      limit: { type: "string", default: "20" },
    } as const;
    const { values, positionals } = readArguments(args, { options, usage, positionals: { atLeast: 0, atMost: 1 } });
    const address = parseCloudAddress(values);
    const { SFNClient: Client } = await import("@aws-sdk/client-sfn");
    const cloud: Cloud = { ...address, client: new Client(address) };
    const [wanted] = positionals;
    if (wanted === undefined) {
      if (values.follow || values.io) throw new CliError("--follow and --io are for one execution: say which.", { exitCode: 2 });
      return list(cloud, terminal, { limit: values.limit, status: values.status });
    }
    const executionArn = await findExecution(cloud, wanted);
    const data = values.io ? "whole" : "brief";
    if (values.follow) return follow(cloud, { executionArn, data, terminal });
    const graph = await getWorkflow(cloud, executionArn);
    terminal.result(graph, () => drawWorkflow(graph, terminal, { now: Date.now(), data }));
    return 0;
  },
};

const follow = async (cloud: Cloud, following: Omit<Parameters<typeof followExecution>[1], "signal">): Promise<number> => {
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort()).once("SIGTERM", () => stop.abort());
  const { execution } = await followExecution(cloud, { ...following, signal: stop.signal });
  if (execution.status === "RUNNING") return 130;
  return execution.status === "SUCCEEDED" ? 0 : 1;
};

const list = async (
  cloud: Cloud,
  terminal: Terminal,
  { limit, status }: { limit: string; status: string | undefined },
): Promise<number> => {
  if (!/^[1-9]\d{0,2}$|^1000$/.test(limit)) throw new CliError(`--limit takes a number from 1 to 1000, not ${limit}.`, { exitCode: 2 });
  const { executions } = await listWorkflows(cloud, { limit, ...(status === undefined ? {} : { status: status.toUpperCase() }) });
  const now = Date.now();
  terminal.result({ executions }, () =>
    executions.length === 0 ? noneYet(status) : paintSigns(table(executions.map((each) => row(each, now))), executions, terminal),
  );
  return 0;
};

const noneYet = (status: string | undefined): string =>
  status === undefined ? "Nothing has been executed yet: start a state machine's execution." : `No execution is ${status.toUpperCase()}.`;

const row = ({ stateMachine, name, status, startedAt, stoppedAt }: ListedExecution, now: number): string[] => [
  executionSigns[status]?.text ?? "?",
  status.toLowerCase().replace("_", " "),
  stateMachine,
  name,
  new Date(startedAt).toISOString(),
  duration((stoppedAt ?? now) - startedAt),
];

/** Colours come last: to a table they would be columns. */
const paintSigns = (text: string, executions: readonly ListedExecution[], { paint }: Terminal): string =>
  text
    .split("\n")
    .map((line, index) => {
      const style = executionSigns[executions[index]?.status ?? ""]?.style;
      return style ? paint(style, line.slice(0, 1)) + line.slice(1) : line;
    })
    .join("\n");
