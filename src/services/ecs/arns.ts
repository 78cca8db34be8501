import type { Scope } from "./ecs.ts";
import { invalidParameter } from "./faults.ts";

const prefix = ({ account, region }: Scope) => `arn:aws:ecs:${region}:${account}`;

export const clusterArn = (scope: Scope, name: string): string => `${prefix(scope)}:cluster/${name}`;
export const taskArn = (task: Scope & { cluster: string; id: string }): string => `${prefix(task)}:task/${task.cluster}/${task.id}`;
export const definitionArn = (scope: Scope, family: string, revision: number): string =>
  `${prefix(scope)}:task-definition/${family}:${revision}`;
export const containerArn = (task: Scope & { cluster: string; id: string }, container: string): string =>
  `${prefix(task)}:container/${task.cluster}/${task.id}/${container}`;

/** The machine stands for one container instance of each cluster. */
const instanceId = "00000000000000000000000000000001";
export const instanceArn = (scope: Scope, cluster: string): string => `${prefix(scope)}:container-instance/${cluster}/${instanceId}`;
export const isInstance = (reference: string): boolean => reference === instanceId || reference.endsWith(`/${instanceId}`);

/** A cluster by its name or ARN; the default one when it is not named. */
export const clusterName = (reference: string | undefined): string => {
  if (reference === undefined || reference === "") return "default";
  if (!reference.startsWith("arn:")) return reference;
  const [, name] = /^arn:aws[a-z-]*:ecs:[^:]+:\d{12}:cluster\/([\w-]+)$/.exec(reference) ?? [];
  if (name === undefined)
    throw invalidParameter(
      `Invalid identifier: Identifier is for ${reference.split(":")[5]?.split("/")[0] ?? "?"}. Your request should specify cluster`,
    );
  return name;
};

/** A task by its id or ARN. */
export const taskId = (reference: string): string => reference.slice(reference.lastIndexOf("/") + 1);

/** `family`, `family:3` or an ARN. */
export const parseDefinition = (reference: string): { family: string; revision: number | undefined } | undefined => {
  const name = reference.startsWith("arn:") ? reference.slice(reference.indexOf("/") + 1) : reference;
  const [, family, revision] = /^([a-zA-Z0-9_-]{1,255})(?::(\d+))?$/.exec(name) ?? [];
  return family === undefined ? undefined : { family, revision: revision === undefined ? undefined : Number(revision) };
};
