import { invalidArn, validation, wrongResourceType } from "./faults.ts";

type Owner = { account: string; region: string };

export const machineArn = ({ account, region }: Owner, name: string) => `arn:aws:states:${region}:${account}:stateMachine:${name}`;
export const activityArn = ({ account, region }: Owner, name: string) => `arn:aws:states:${region}:${account}:activity:${name}`;
export const executionArn = (machine: string, name: string) => `${machine.replace(":stateMachine:", ":execution:")}:${name}`;
export const expressArn = (machine: string, name: string, id: string) => `${machine.replace(":stateMachine:", ":express:")}:${name}:${id}`;

/** A Map state of a state machine, which the children of its map runs are executions of. */
export const labelledArn = (machine: string, label: string) => `${machine.replace(/\/.*/, "")}/${label}`;
export const mapRunArn = (machine: string, label: string, id: string) =>
  `${labelledArn(machine, label).replace(":stateMachine:", ":mapRun:")}:${id}`;

export type MachineReference = { arn: string; machineArn: string; name: string; qualifier: string | undefined; region: string };

/** A state machine's ARN, or that of a version (`:3`) or an alias (`:name`) of it. */
export const parseMachineArn = (arn: string): MachineReference => {
  const [scheme, partition, service, region = "", account, type, name, qualifier, ...rest] = arn.split(":");
  if (scheme !== "arn" || !partition || service !== "states" || !account) throw invalidArn(`Invalid ARN prefix: ${arn}`);
  if (type !== "stateMachine") throw wrongResourceType(type ?? "");
  if (!name || rest.length > 0) throw invalidArn(arn);
  if (name.includes("/")) throw validation(`The ARN of a Map state is not supported here: '${arn}'`, "API_DOES_NOT_SUPPORT_LABELED_ARNS");
  return { arn, machineArn: arn.split(":").slice(0, 7).join(":"), name, qualifier, region };
};

/** The ARN of a state machine itself: what changes it takes none of a version or an alias. */
export const unqualified = (arn: string): string => {
  const { machineArn, qualifier } = parseMachineArn(arn);
  if (qualifier !== undefined) throw validation(`A qualified state machine ARN is not valid in this context: ${arn}`);
  return machineArn;
};

/** Any ARN of this service, as what carries tags is named. */
export const checkArn = (arn: string): string => {
  const [scheme, partition, service, region, account, type, name] = arn.split(":");
  if (scheme !== "arn" || !partition || service !== "states") throw invalidArn(`Invalid ARN prefix: ${arn}`);
  if (!region || !account || !type || !name) throw invalidArn(arn);
  return arn;
};

export const checkExecutionArn = (arn: string): string => {
  const [scheme, , service, , , type, machine, name] = arn.split(":");
  if (scheme !== "arn" || service !== "states") throw invalidArn(`Invalid ARN prefix: ${arn}`);
  if (type !== "execution") throw wrongResourceType(type ?? "");
  if (!machine || !name) throw invalidArn(arn);
  return arn;
};

/** Whether an ARN is that of an Express execution which a map run has started: it has the Map state's label. */
export const isExpressChild = (arn: string): boolean => /^arn:[^:]+:states:[^:]+:[^:]+:express:[^:/]+\/[^:]+:[^:]+:[^:]+$/.test(arn);

export const checkActivityArn = (arn: string): string => {
  const [scheme, , service, , , type, name] = arn.split(":");
  if (scheme !== "arn" || service !== "states") throw invalidArn(`Invalid ARN prefix: ${arn}`);
  if (type !== "activity") throw wrongResourceType(type ?? "");
  if (!name) throw invalidArn(arn);
  return arn;
};

export const checkMapRunArn = (arn: string): string => {
  const [scheme, , service, , , type, labelled, id] = arn.split(":");
  if (scheme !== "arn" || service !== "states") throw invalidArn(`Invalid ARN prefix: ${arn}`);
  if (type !== "mapRun") throw wrongResourceType(type ?? "");
  if (!labelled?.includes("/") || !id) throw invalidArn(arn);
  return arn;
};
