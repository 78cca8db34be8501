import type { IncomingMessage, ServerResponse } from "node:http";
import type { Caller, Log } from "#wire/context.ts";
import { Fault, internalFailure } from "#wire/fault.ts";
import type { IdentifyAsker } from "#wire/identify-asker.ts";
import { checkExecutionArn, machineArn } from "../arns.ts";
import type { JournalledExecutions } from "../journalled-executions.ts";
import { executionDoesNotExist, invalidToken, validation } from "../faults.ts";
import type { HistoryEvent } from "../language/interpreter/history.ts";
import type { ParsedMachines } from "../parsed-machines.ts";
import { fillTexts, lean } from "./fill-texts.ts";
import { nodesOf } from "./graph.ts";
import type { Iterations, WorkflowGraph, ListedExecution } from "./graph.ts";
import { graphOf } from "./graph-of.ts";
import type { Position, RecentQuery } from "./recent-executions.ts";

const workflowsPath = "/_tandem/workflows";

type Parts = {
  executions: Pick<JournalledExecutions, "find" | "history">;
  recent: (query: RecentQuery) => Promise<ListedExecution[]>;
  mapRunItems: (mapRunArn: string) => Promise<Iterations | undefined>;
  parsed: ParsedMachines;
  log: Log;
};

type Asked = { caller: Caller; region: string; query: URLSearchParams };

/**
 * Serves what executions look like, as JSON: `GET /_tandem/workflows` those that began last (`machine`, `mapRun`, `status`, `limit` 1 to 1000, `token`), and
 * `GET /_tandem/workflows/<execution ARN>` one as a graph (`data=false` leaves inputs and outputs out). Faults are `{ code, message }`.
 */
export const serveWorkflows =
  (parts: Parts) =>
  async (request: IncomingMessage, response: ServerResponse, identify: IdentifyAsker): Promise<void> => {
    try {
      if (request.method !== "GET" && request.method !== "HEAD")
        throw new Fault("MethodNotAllowed", "Workflows can only be looked at here: GET.", 405);
      const { caller, region } = await identify(request, response);
      const [path = "", search = ""] = (request.url ?? "").split(/\?(.*)/s, 2);
      const asked = { caller, region, query: new URLSearchParams(search) };
      const arn = decode(path.slice(workflowsPath.length + 1));
      answer(response, 200, arn === "" ? await list(asked, parts) : await draw(arn, asked, parts));
    } catch (error) {
      const fault = error instanceof Fault ? error : internalFailure();
      if (fault !== error) parts.log.error({ error, url: request.url }, "a workflow could not be shown");
      answer(response, fault.status ?? 400, { code: fault.code, message: fault.message });
    }
  };

const answer = (response: ServerResponse, status: number, body: unknown): void => {
  if (response.destroyed) return;
  const allow = status === 405 ? { allow: "GET, HEAD" } : {};
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store", ...allow }).end(JSON.stringify(body));
};

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    throw validation(`The path is malformed: ${text}`);
  }
};

const statuses = ["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE"];
const mostExecutions = 1000;

/** A page of the executions that began last, newest first. */
const list = async ({ caller: { account }, region, query }: Asked, { recent }: Parts) => {
  const status = query.get("status") ?? undefined;
  if (status !== undefined && !statuses.includes(status)) throw validation(`status must be one of ${statuses.join(", ")}, not ${status}.`);
  const limit = Number(query.get("limit") ?? 50);
  if (!Number.isInteger(limit) || limit < 1 || limit > mostExecutions)
    throw validation(`limit must be a number from 1 to ${mostExecutions}.`);
  const machine = query.get("machine") ?? undefined;
  const arn = machine?.startsWith("arn:") === false ? machineArn({ account, region }, machine) : machine;
  const found = await recent({
    account,
    region,
    machineArn: arn,
    mapRunArn: query.get("mapRun") ?? undefined,
    status,
    after: positionOf(query.get("token")),
    limit: limit + 1,
  });
  const executions = found.slice(0, limit);
  const last = executions.at(-1);
  const isMore = found.length > limit && last;
  return { executions, ...(isMore ? { nextToken: tokenOf({ startedAt: last.startedAt, arn: last.executionArn }) } : {}) };
};

const tokenOf = ({ startedAt, arn }: Position): string => Buffer.from(`${startedAt} ${arn}`).toString("base64url");

const positionOf = (token: string | null): Position | undefined => {
  if (token === null) return undefined;
  const [, at, arn] = /^(\d{1,15}) (arn:.+)$/s.exec(Buffer.from(token, "base64url").toString()) ?? [];
  if (at === undefined || arn === undefined) throw invalidToken();
  return { startedAt: Number(at), arn };
};

const draw = async (arn: string, { caller, query }: Asked, { executions, mapRunItems, parsed }: Parts): Promise<WorkflowGraph> => {
  const record = await executions.find(checkExecutionArn(arn));
  if (record?.account !== caller.account) throw new Fault("ExecutionDoesNotExist", executionDoesNotExist(arn).message, 404);
  const { execution, revisionId } = record;
  const { machine } = await parsed.get(revisionId);
  const graph = graphOf(machine, await leanHistory(arn, execution.lastEventId, executions), execution);
  for (const node of nodesOf(graph.scope)) {
    // oxlint-disable-next-line no-await-in-loop -- a machine has few distributed Maps
    const iterations = node.mapRunArn === undefined ? undefined : await mapRunItems(node.mapRunArn);
    if (iterations) node.iterations = iterations;
  }
  if (query.get("data") === "false") return graph;
  const find = async (id: number) => (await executions.history(arn, id, id))[0];
  const { input } = execution.origin;
  const { output } = execution;
  return fillTexts({ ...graph, execution: { ...graph.execution, input, ...(output === undefined ? {} : { output }) } }, find);
};

const pageEvents = 500;

/** The events up to the last that the execution's row knows of, without their data. */
const leanHistory = async (arn: string, last: number, { history }: Parts["executions"]): Promise<HistoryEvent[]> => {
  const events: HistoryEvent[] = [];
  // oxlint-disable-next-line no-await-in-loop -- page after page
  for (let from = 1; from <= last; from += pageEvents)
    events.push(...(await history(arn, from, Math.min(last, from + pageEvents - 1))).map(lean));
  return events;
};
