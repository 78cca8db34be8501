import type { IncomingMessage, ServerResponse } from "node:http";
import { defaultAccount } from "#wire/identity.ts";
import type { Call } from "#wire/operation.ts";
import type { TaskRecord } from "./ecs.ts";
import type { TaskRows } from "./task-rows.ts";

type Parts = { tasks: TaskRows; callFor: (task: TaskRecord, region: string) => Call; now: () => number };

type Credentials = { RoleArn: string; AccessKeyId: string; SecretAccessKey: string; Token: string; Expiration: string };

const lifeSeconds = 3600;
/** They are renewed well before they end, as on AWS, so that nobody is given some that are about to. */
const renewMs = 15 * 60_000;

/**
 * Serves a task's role at `169.254.170.2/v2/credentials/<id>`, where every SDK asks.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
 */
export const serveCredentials = ({ tasks, callFor, now }: Parts) => {
  const issued = new Map<string, Credentials>();
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const id = (request.url ?? "").split("?", 1)[0]?.split("/").at(-1) ?? "";
    const task = await tasks.findBySecret("credentials", id);
    const role = task && (task.wanted.overrides.taskRoleArn ?? task.wanted.definition.taskRoleArn);
    if (!task || role === undefined || task.lastStatus === "STOPPED") {
      issued.delete(id);
      return answer(response, 400, { code: "InvalidIdInRequest", message: "CredentialsV2Request: ID not found", HTTPErrorCode: 400 });
    }
    const known = issued.get(id);
    const fresh = known && Date.parse(known.Expiration) - now() > renewMs ? known : await assume(task, role, callFor(task, task.region));
    issued.set(id, fresh);
    for (const [each, { Expiration }] of issued) if (Date.parse(Expiration) < now()) issued.delete(each);
    answer(response, 200, fresh);
  };
};

const assume = async (task: TaskRecord, role: string, call: Call): Promise<Credentials> => {
  // A role's bare name is taken, too.
  const RoleArn = role.startsWith("arn:") ? role : `arn:aws:iam::${task.account || defaultAccount}:role/${role}`;
  const { Credentials } = await call("sts", "AssumeRole", { RoleArn, RoleSessionName: task.id, DurationSeconds: lifeSeconds });
  return {
    RoleArn,
    AccessKeyId: Credentials?.AccessKeyId ?? "",
    SecretAccessKey: Credentials?.SecretAccessKey ?? "",
    Token: Credentials?.SessionToken ?? "",
    Expiration: (Credentials?.Expiration ?? new Date(0)).toISOString().replace(/\.\d+Z$/, "Z"),
  };
};

const answer = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
};
