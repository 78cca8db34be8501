import type { RoutingConfigurationListItem } from "@aws-sdk/client-sfn";
import { parseMachineArn } from "./arns.ts";
import { conflict, machineDoesNotExist, resourceNotFound, validation } from "./faults.ts";
import type { Alias } from "./machine-rows.ts";
import { cut, pageOf } from "./pages.ts";
import type { Sfn, SfnContext } from "./sfn.ts";

const invalidRouting = (why: string) => validation(why, "INVALID_ROUTING_CONFIGURATION");

const violation = (value: string, path: string, constraint: string) =>
  validation(`1 validation error detected: Value '${value}' at '${path}' failed to satisfy constraint: ${constraint}`);

type Routing = readonly RoutingConfigurationListItem[];

/** Checks where an alias is to lead, and answers with the state machine that its versions are of. */
const checkRouting = async (routing: Routing, { versions }: SfnContext): Promise<string> => {
  const arns = routing.map(({ stateMachineVersionArn = "" }) => stateMachineVersionArn);
  const [first] = arns;
  if (first === undefined) throw violation("[]", "routingConfiguration", "Member must have length greater than or equal to 1");
  if (arns.length > 2) throw violation(shown(routing), "routingConfiguration", "Member must have length less than or equal to 2");
  const weights = routing.map(({ weight = 0 }) => weight);
  if (weights.reduce((sum, weight) => sum + weight, 0) !== 100)
    throw invalidRouting(`Sum of routing configuration weights must equal 100. Received: [${weights.join(", ")}]`);
  if (new Set(arns).size < arns.length)
    throw invalidRouting(`Routing configuration must contain distinct state machine version ARNs. Received: [${arns.join(", ")}]`);
  const { machineArn } = parseMachineArn(first);
  if (arns.some((arn) => parseMachineArn(arn).machineArn !== machineArn))
    throw invalidRouting("Routing configuration must reference versions of the same state machine.");
  const known = new Set((await versions.list(machineArn)).map(({ number }) => `${machineArn}:${number}`));
  for (const arn of arns) if (!known.has(arn)) throw resourceNotFound(arn);
  return machineArn;
};

const shown = (routing: Routing): string =>
  `[${routing.map((each) => `RoutingConfigurationListItem(stateMachineVersionArn=${each.stateMachineVersionArn}, weight=${each.weight})`).join(", ")}]`;

const requireAlias = async (arn: string, { versions }: SfnContext): Promise<{ machineArn: string; alias: Alias }> => {
  const { machineArn, qualifier } = parseMachineArn(arn);
  const alias = (await versions.aliases(machineArn)).find(({ name }) => name === qualifier);
  if (!alias) throw resourceNotFound(arn);
  return { machineArn, alias };
};

/** No number, which would be the name of a version. */
const checkAliasName = (name: string): void => {
  if (!/^(?=.*[a-zA-Z_\-.])[a-zA-Z0-9_\-.]+$/.test(name))
    throw violation(name, "name", String.raw`Member must satisfy regular expression pattern: ^(?=.*[a-zA-Z_\-\.])[a-zA-Z0-9_\-\.]+$`);
};

export const CreateStateMachineAlias: Sfn["CreateStateMachineAlias"] = async ({ name, description, routingConfiguration }, context) => {
  checkAliasName(name);
  const machineArn = await checkRouting(routingConfiguration, context);
  const { versions, now } = context;
  const wanted: Alias = { name, routing: routingConfiguration, description, createdAt: now, updatedAt: now };
  const found = await versions.addAlias(machineArn, wanted);
  if (essence(found) !== essence(wanted))
    throw conflict("Failed to create alias because an alias with the same name and a different routing configuration already exists.");
  return { stateMachineAliasArn: `${machineArn}:${name}`, creationDate: new Date(found.createdAt) };
};

const essence = ({ routing, description }: Alias) =>
  JSON.stringify([routing.map(({ stateMachineVersionArn, weight }) => [stateMachineVersionArn, weight]), description]);

export const UpdateStateMachineAlias: Sfn["UpdateStateMachineAlias"] = async (input, context) => {
  const { stateMachineAliasArn, description, routingConfiguration } = input;
  if (description === undefined && !routingConfiguration)
    throw validation("Either the description or the routing configuration must be specified.", "MISSING_REQUIRED_PARAMETER");
  const { machineArn, alias } = await requireAlias(stateMachineAliasArn, context);
  if (routingConfiguration && (await checkRouting(routingConfiguration, context)) !== machineArn)
    throw invalidRouting("Routing configuration must reference versions of the state machine that the alias belongs to.");
  const routing = routingConfiguration ?? alias.routing;
  const changed = { ...alias, routing, description: description ?? alias.description, updatedAt: context.now };
  await context.versions.changeAlias(machineArn, changed);
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

/** The latest first; of a version's ARN, those that lead to it. */
export const ListStateMachineAliases: Sfn["ListStateMachineAliases"] = async (input, { machines, versions }) => {
  const { machineArn, qualifier } = parseMachineArn(input.stateMachineArn);
  if (!(await machines.find(machineArn))) throw machineDoesNotExist(input.stateMachineArn);
  const isKnown = async () => (await versions.list(machineArn)).some(({ number }) => String(number) === qualifier);
  if (qualifier !== undefined && !(await isKnown())) throw resourceNotFound(input.stateMachineArn);
  const leadsThere = ({ routing }: Alias) =>
    qualifier === undefined || routing.some(({ stateMachineVersionArn }) => stateMachineVersionArn === input.stateMachineArn);
  const at = pageOf(input);
  const { page, nextToken } = cut((await versions.aliases(machineArn)).filter(leadsThere).slice(at.offset), at);
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
