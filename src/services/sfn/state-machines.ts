import type { IncludedData } from "@aws-sdk/client-sfn";
import { machineArn, parseMachineArn, unqualified } from "./arns.ts";
import { checkRole, settingsOf, wholeSettings } from "./check-settings.ts";
import { invalidDefinition, machineAlreadyExists, machineDoesNotExist, missingParameter, validation } from "./faults.ts";
import type { Machine, MachineType, Revision } from "./machine-rows.ts";
import { checkName } from "./names.ts";
import { cut, pageOf } from "./pages.ts";
import type { Sfn, SfnContext } from "./sfn.ts";
import { tagsOf } from "./tags.ts";
import { firstRevision, toldRevision } from "./revisions.ts";
import { publish, resolveMachine } from "./versions.ts";

export const CreateStateMachine: Sfn["CreateStateMachine"] = async (input, context) => {
  const { name, definition, roleArn, publish: publishes = false, versionDescription } = input;
  checkName(name);
  if (versionDescription !== undefined && !publishes) throw missingVersion();
  checkRole(roleArn);
  const settings = settingsOf(input);
  const type = input.type ?? "STANDARD";
  await checkDefinition(definition, type, context);
  const arn = machineArn(context, name);
  const tags = tagsOf(arn, input.tags);
  const { account, region, now } = context;
  const revision = { id: firstRevision(context.newId()), machineArn: arn, definition, roleArn, settings, createdAt: now };
  const firstVersion = { publish: publishes, description: versionDescription };
  const machine: Machine = { arn, account, region, name, type, createdAt: now, lastVersion: 0, tags, firstVersion, revision };
  const found = (await context.machines.add(machine)) ? machine : await sameMachine(machine, context);
  const version = publishes ? await publish(found, versionDescription, context) : undefined;
  return {
    stateMachineArn: arn,
    creationDate: new Date(found.createdAt),
    ...(version === undefined ? {} : { stateMachineVersionArn: version }),
  };
};

const missingVersion = () => validation("Version description can only be set when publish is set to true");

/**
 * Making what is there already, as it is, is no error; role and tags are not looked at, and whether it is published is:
 * https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html
 */
const sameMachine = async (wanted: Machine, { machines }: SfnContext): Promise<Machine> => {
  const found = await machines.find(wanted.arn);
  const essence = ({ type, firstVersion = wanted.firstVersion, revision }: Machine) =>
    JSON.stringify([type, firstVersion, revision.definition, wholeSettings(revision.settings)]);
  if (!found || essence(found) !== essence(wanted)) throw machineAlreadyExists(wanted.arn);
  return found;
};

/** Loaded with the first definition, as JSONata's library comes with it: no start waits for it. */
const parser = () => import("./language/parse/parse.ts");

const checkDefinition = async (definition: string, type: MachineType, { taskChecks }: SfnContext): Promise<void> => {
  const { parseDefinition } = await parser();
  const { machine, diagnostics } = parseDefinition(definition, { type, checkTask: await taskChecks.checkFor(definition) });
  if (!machine) throw invalidDefinition(diagnostics);
};

export const requireMachine = async (arn: string, { machines }: Pick<SfnContext, "machines">): Promise<Machine> => {
  const found = await machines.find(parseMachineArn(arn).machineArn);
  if (!found) throw machineDoesNotExist(arn);
  return found;
};

export const UpdateStateMachine: Sfn["UpdateStateMachine"] = async (input, context) => {
  const { definition, roleArn, publish: publishes, versionDescription } = input;
  if ([definition, roleArn, input.loggingConfiguration, input.tracingConfiguration, input.encryptionConfiguration].every(isAbsent))
    throw missingParameter("Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified");
  if (versionDescription !== undefined && !publishes) throw missingVersion();
  const machine = await requireMachine(unqualified(input.stateMachineArn), context);
  const before = machine.revision;
  if (roleArn !== undefined) checkRole(roleArn);
  if (definition !== undefined) await checkDefinition(definition, machine.type, context);
  const {
    logging = before.settings.logging,
    tracing = before.settings.tracing,
    encryption = before.settings.encryption,
  } = settingsOf(input);
  const settings = { logging, tracing, encryption };
  const wanted = { ...before, definition: definition ?? before.definition, roleArn: roleArn ?? before.roleArn, settings };
  const isSame = JSON.stringify(wanted) === JSON.stringify(before);
  const revision: Revision = isSame ? before : { ...wanted, id: context.newId(), createdAt: context.now };
  if (!isSame) await context.machines.revise(revision);
  const version = publishes ? await publish({ ...machine, revision }, versionDescription, context) : undefined;
  return {
    updateDate: new Date(context.now),
    ...toldRevision(revision),
    ...(version === undefined ? {} : { stateMachineVersionArn: version }),
  };
};

const isAbsent = (value: unknown) => value === undefined;

/** What both descriptions of a state machine tell of a revision. */
export const describeRevision = async (
  revision: Revision,
  includedData: IncludedData | undefined,
  { parsed }: Pick<SfnContext, "parsed">,
) => {
  const { logging, tracing, encryption } = wholeSettings(revision.settings);
  return {
    ...(includedData === "METADATA_ONLY" ? { definition: "{}" } : await describeDefinition(revision, parsed)),
    roleArn: revision.roleArn,
    loggingConfiguration: logging,
    tracingConfiguration: tracing,
    encryptionConfiguration: encryption,
    ...toldRevision(revision),
  };
};

const describeDefinition = async (revision: Revision, parsed: SfnContext["parsed"]) => {
  const { definition } = revision;
  // One that an earlier release took, and this one would not, is told all the same.
  const machine = await parsed.of(revision).then(
    (found) => found.machine,
    () => undefined,
  );
  if (!machine) return { definition };
  const { variableReferences: read } = await import("./language/variable-references.ts");
  const variableReferences = await read(machine);
  return { definition, ...(Object.keys(variableReferences).length > 0 ? { variableReferences } : {}) };
};

export const DescribeStateMachine: Sfn["DescribeStateMachine"] = async ({ stateMachineArn, includedData }, context) => {
  const { machine, revision, version } = await resolveMachine(stateMachineArn, context, { aliases: false });
  return {
    stateMachineArn: version === undefined ? machine.arn : `${machine.arn}:${version.number}`,
    name: machine.name,
    status: "ACTIVE",
    type: machine.type,
    creationDate: new Date(version?.createdAt ?? machine.createdAt),
    ...(version?.description === undefined ? {} : { description: version.description }),
    ...(await describeRevision(revision, includedData, context)),
  };
};

/** Running executions fail; they stay to be described. */
export const DeleteStateMachine: Sfn["DeleteStateMachine"] = async ({ stateMachineArn }, { machines, executions, workflows }) => {
  const arn = unqualified(stateMachineArn);
  await machines.remove(arn);
  const occurrence = { kind: "machineDeleted", name: parseMachineArn(arn).name } as const;
  await Promise.all((await executions.running(arn)).map((execution) => workflows.tell(execution, occurrence)));
  return {};
};

export const ListStateMachines: Sfn["ListStateMachines"] = async (input, context) => {
  const at = pageOf(input);
  const { page, nextToken } = cut(await context.machines.list(context, at), at);
  const stateMachines = page.map(({ arn, name, type, created_at }) => ({
    stateMachineArn: arn,
    name,
    type,
    creationDate: new Date(created_at),
  }));
  return { stateMachines, ...(nextToken === undefined ? {} : { nextToken }) };
};

export const ValidateStateMachineDefinition: Sfn["ValidateStateMachineDefinition"] = async (input, { taskChecks }) => {
  const checkTask = await taskChecks.checkFor(input.definition);
  const { parseDefinition } = await parser();
  const { diagnostics, machine } = parseDefinition(input.definition, { type: input.type ?? "STANDARD", checkTask });
  const wanted = diagnostics.filter(({ severity }) => severity === "ERROR" || input.severity === "WARNING");
  const most = input.maxResults || 100;
  return { result: machine ? "OK" : "FAIL", diagnostics: wanted.slice(0, most), truncated: wanted.length > most };
};
