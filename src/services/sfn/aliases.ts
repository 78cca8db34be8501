import type { RoutingConfigurationListItem } from "@aws-sdk/client-sfn";
import { parseMachineArn } from "./arns.ts";
import { conflict, invalidName, resourceNotFound, validation } from "./faults.ts";
import type { Alias } from "./machine-rows.ts";
import { cut, pageOf } from "./pages.ts";
import type { Sfn, SfnContext } from "./sfn.ts";

/** Checks where an alias is to lead, and answers with the state machine that its versions are of. */
const checkRouting = async (routing: readonly RoutingConfigurationListItem[], { versions }: SfnContext): Promise<string> => {
  const [first] = routing;
  if (!first || routing.length > 2) throw validation("Routing configuration must have one or two state machine versions");
  const weights = routing.reduce((sum, { weight }) => sum + (weight ?? 0), 0);
  if (weights !== 100) throw validation("Sum of routing configuration weights must equal 100");
  const machines = new Set(routing.map(({ stateMachineVersionArn = "" }) => parseMachineArn(stateMachineVersionArn).machineArn));
  const [machineArn = ""] = machines;
  if (machines.size !== 1) throw validation("Routing configuration must reference versions of the same state machine");
  const known = new Set((await versions.list(machineArn)).map(({ number }) => `${machineArn}:${number}`));
  for (const { stateMachineVersionArn = "" } of routing)
    if (!known.has(stateMachineVersionArn)) throw resourceNotFound(stateMachineVersionArn);
  return machineArn;
};

const requireAlias = async (arn: string, { versions }: SfnContext): Promise<{ machineArn: string; alias: Alias }> => {
  const { machineArn, qualifier } = parseMachineArn(arn);
  const alias = (await versions.aliases(machineArn)).find(({ name }) => name === qualifier);
  if (!alias) throw resourceNotFound(arn);
  return { machineArn, alias };
};

export const CreateStateMachineAlias: Sfn["CreateStateMachineAlias"] = async ({ name, description, routingConfiguration }, context) => {
  if (!/^(?=.*[a-zA-Z_\-.])[a-zA-Z0-9_\-.]{1,80}$/.test(name)) throw invalidName(name);
  const machineArn = await checkRouting(routingConfiguration, context);
  const { versions, now } = context;
  const found = (await versions.aliases(machineArn)).find((each) => each.name === name);
  const isSame = JSON.stringify([found?.routing, found?.description]) === JSON.stringify([routingConfiguration, description]);
  if (found && !isSame) throw conflict(`Alias ${machineArn}:${name} already exists`);
  const alias: Alias = found ?? { name, routing: routingConfiguration, description, createdAt: now, updatedAt: now };
  if (!found) await versions.putAlias(machineArn, alias);
  return { stateMachineAliasArn: `${machineArn}:${name}`, creationDate: new Date(alias.createdAt) };
};

export const UpdateStateMachineAlias: Sfn["UpdateStateMachineAlias"] = async (input, context) => {
  const { machineArn, alias } = await requireAlias(input.stateMachineAliasArn, context);
  if (input.routingConfiguration) await checkRouting(input.routingConfiguration, context);
  const routing = input.routingConfiguration ?? alias.routing;
  await context.versions.putAlias(machineArn, {
    ...alias,
    routing,
    description: input.description ?? alias.description,
    updatedAt: context.now,
  });
  return { updateDate: new Date(context.now) };
};

export const DescribeStateMachineAlias: Sfn["DescribeStateMachineAlias"] = async ({ stateMachineAliasArn }, context) => {
  const { alias } = await requireAlias(stateMachineAliasArn, context);
  return {
    stateMachineAliasArn,
    name: alias.name,
    ...(alias.description === undefined ? {} : { description: alias.description }),
    routingConfiguration: [...alias.routing],
    creationDate: new Date(alias.createdAt),
    updateDate: new Date(alias.updatedAt),
  };
};

export const ListStateMachineAliases: Sfn["ListStateMachineAliases"] = async (input, { versions }) => {
  const { machineArn } = parseMachineArn(input.stateMachineArn);
  const at = pageOf(input);
  const { page, nextToken } = cut((await versions.aliases(machineArn)).slice(at.offset), at);
  const stateMachineAliases = page.map(({ name, createdAt }) => ({
    stateMachineAliasArn: `${machineArn}:${name}`,
    creationDate: new Date(createdAt),
  }));
  return { stateMachineAliases, ...(nextToken === undefined ? {} : { nextToken }) };
};

export const DeleteStateMachineAlias: Sfn["DeleteStateMachineAlias"] = async ({ stateMachineAliasArn }, context) => {
  const { machineArn, alias } = await requireAlias(stateMachineAliasArn, context);
  await context.versions.removeAlias(machineArn, alias.name);
  return {};
};
