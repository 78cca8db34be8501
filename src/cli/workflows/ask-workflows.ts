import type { SFNClient } from "@aws-sdk/client-sfn";
import { CliError } from "../cli-error.ts";
import type { ListedExecution, WorkflowGraph } from "./graph.ts";

export type Cloud = { endpoint: string; region: string; client: SFNClient };

export const listWorkflows = (
  cloud: Cloud,
  query: Record<string, string>,
): Promise<{ executions: ListedExecution[]; nextToken?: string }> =>
  ask(cloud, "", query) as Promise<{ executions: ListedExecution[]; nextToken?: string }>;

export const getWorkflow = (cloud: Cloud, executionArn: string): Promise<WorkflowGraph> =>
  ask(cloud, `/${encodeURIComponent(executionArn)}`, {}) as Promise<WorkflowGraph>;

/** Asks the cloud's own API, signed as the SDK signs its requests. */
const ask = async ({ endpoint, region, client }: Cloud, path: string, query: Record<string, string>): Promise<unknown> => {
  const url = new URL(`${endpoint}/_tandem/workflows${path}`);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  const signer = await client.config.signer({ name: "sigv4", signingName: "states", signingRegion: region, properties: {} });
  const { protocol, hostname, pathname, host } = url;
  const signed = await signer.sign({ method: "GET", protocol, hostname, path: pathname, query, headers: { host } });
  const response = await fetch(url, { headers: signed.headers });
  const answer = (await response.json().catch(() => undefined)) as { code?: string; message?: string } | undefined;
  if (response.ok && answer) return answer;
  throw refusal(answer, { endpoint, status: response.status });
};

const refusal = (
  answer: { code?: string; message?: string } | undefined,
  { endpoint, status }: { endpoint: string; status: number },
): Error => {
  const { code, message = "" } = answer ?? {};
  if (code === "ExecutionDoesNotExist") return new CliError(`${message}. \`tandem workflows\` lists those that there are.`);
  if (message.includes("not valid in this context: express"))
    return new CliError(
      "Express executions are not kept, so there is nothing to look at. The log group of their state machine has their events.",
    );
  if (code === undefined)
    return new CliError(`What answers at ${endpoint} shows no workflows (status ${status}). Give another --endpoint.`);
  return Object.assign(new Error(message), { name: code, $fault: "client" });
};
