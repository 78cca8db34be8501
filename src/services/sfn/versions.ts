import { parseMachineArn, unqualified } from "./arns.ts";
import { chooseVersion } from "./choose-version.ts";
import { conflict, machineDoesNotExist, validation } from "./faults.ts";
import type { Machine, Revision, Version } from "./machine-rows.ts";
import { cut, pageOf } from "./pages.ts";
import { revisionName } from "./revisions.ts";
import type { Sfn, SfnContext } from "./sfn.ts";

export type Resolved = { machine: Machine; revision: Revision; version: Version | undefined; aliasArn: string | undefined };

/** What an ARN stands for: a state machine as it is now, a version, or what an alias leads to this time. */
export const resolveMachine = async (
  arn: string,
  context: Pick<SfnContext, "machines" | "versions" | "newId">,
  { aliases }: { aliases: boolean },
): Promise<Resolved> => {
  const { machineArn, qualifier } = parseMachineArn(arn);
  const machine = await context.machines.find(machineArn);
  if (!machine) throw machineDoesNotExist(arn);
  if (qualifier === undefined) return { machine, revision: machine.revision, version: undefined, aliasArn: undefined };
  const isNumber = /^\d+$/.test(qualifier);
  const routed = isNumber ? Number(qualifier) : aliases ? await throughAlias(machineArn, qualifier, context) : undefined;
  const version = (await context.versions.list(machineArn)).find(({ number }) => number === routed);
  const revision = version && (await context.machines.revision(version.revisionId));
  if (!version || !revision) throw machineDoesNotExist(arn);
  return { machine, revision, version, aliasArn: isNumber ? undefined : arn };
};

const throughAlias = async (machineArn: string, name: string, { versions, newId }: Pick<SfnContext, "versions" | "newId">) => {
  const alias = (await versions.aliases(machineArn)).find((each) => each.name === name);
  return alias && chooseVersion(alias.routing, newId());
};

/** Publishes what the state machine is now; answers with the version's ARN. */
export const publish = async (machine: Machine, description: string | undefined, { versions, now }: SfnContext): Promise<string> => {
  const { number } = await versions.publish(machine.arn, { revisionId: machine.revision.id, description, createdAt: now });
  return `${machine.arn}:${number}`;
};

export const PublishStateMachineVersion: Sfn["PublishStateMachineVersion"] = async (input, context) => {
  const machine = await context.machines.find(unqualified(input.stateMachineArn));
  if (!machine) throw machineDoesNotExist(input.stateMachineArn);
  const current = revisionName(machine.revision);
  if (input.revisionId !== undefined && input.revisionId !== current)
    throw conflict(
      `Failed to publish the State Machine version for revision ${input.revisionId}. The current State Machine revision is ${current}.`,
    );
  const stateMachineVersionArn = await publish(machine, input.description, context);
  const found = (await context.versions.list(machine.arn)).find(({ number }) => stateMachineVersionArn.endsWith(`:${number}`));
  return { stateMachineVersionArn, creationDate: new Date(found?.createdAt ?? context.now) };
};

export const ListStateMachineVersions: Sfn["ListStateMachineVersions"] = async (input, { versions }) => {
  const { machineArn } = parseMachineArn(input.stateMachineArn);
  const at = pageOf(input);
  const { page, nextToken } = cut((await versions.list(machineArn)).slice(at.offset), at);
  const stateMachineVersions = page.map(({ number, createdAt }) => ({
    stateMachineVersionArn: `${machineArn}:${number}`,
    creationDate: new Date(createdAt),
  }));
  return { stateMachineVersions, ...(nextToken === undefined ? {} : { nextToken }) };
};

export const DeleteStateMachineVersion: Sfn["DeleteStateMachineVersion"] = async ({ stateMachineVersionArn }, { versions }) => {
  const { machineArn, qualifier } = parseMachineArn(stateMachineVersionArn);
  if (!/^\d+$/.test(qualifier ?? "")) throw validation(`Not the ARN of a state machine version: ${stateMachineVersionArn}`);
  const aliases = await versions.aliases(machineArn);
  const users = aliases.filter(({ routing }) => routing.some((each) => each.stateMachineVersionArn === stateMachineVersionArn));
  if (users.length > 0)
    throw conflict(
      `Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version: [${users.map(({ name }) => name).join(", ")}]`,
    );
  await versions.remove(machineArn, Number(qualifier));
  return {};
};
