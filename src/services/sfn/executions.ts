import type { OutputOf } from "#wire/operation.ts";
import { Fault } from "#wire/fault.ts";
import { checkExecutionArn, executionArn, expressArn, isExpressChild, parseMachineArn } from "./arns.ts";
import { placeIn } from "./execution-list.ts";
import type { ListQuery } from "./execution-list.ts";
import type { ExecutionRecord } from "./execution-rows.ts";
import {
  executionAlreadyExists,
  executionDoesNotExist,
  executionNotRedrivable,
  invalidInput,
  machineDoesNotExist,
  machineTypeNotSupported,
  validation,
} from "./faults.ts";
import type { Execution, Origin } from "./language/interpreter/execution.ts";
import { quotas } from "./limits.ts";
import { requireMapRun } from "./map-runs.ts";
import { checkName } from "./names.ts";
import { placeOf, tokenOf } from "./pages.ts";
import { notRedrivable } from "./redrivable.ts";
import type { Sfn, SfnContext } from "./sfn.ts";
import { describeRevision, requireMachine } from "./state-machines.ts";
import { resolveMachine } from "./versions.ts";
import type { Resolved } from "./versions.ts";

const checkJson = (input: string): void => {
  try {
    JSON.parse(input);
  } catch (error) {
    throw invalidInput((error as SyntaxError).message);
  }
};

type Beginning = { arn: string; name: string; input: string };

const originOf = ({ machine, revision, version, aliasArn }: Resolved, { arn, name, input }: Beginning): Origin => ({
  executionArn: arn,
  name,
  roleArn: revision.roleArn,
  stateMachineArn: machine.arn,
  stateMachineName: machine.name,
  ...(version === undefined ? {} : { stateMachineVersionArn: `${machine.arn}:${version.number}` }),
  ...(aliasArn === undefined ? {} : { stateMachineAliasArn: aliasArn }),
  region: machine.region,
  input,
  ...(machine.type === "EXPRESS"
    ? { maxSeconds: quotas.expressSeconds }
    : { maxSeconds: quotas.standardSeconds, historyLimit: quotas.historyEvents }),
});

export const StartExecution: Sfn["StartExecution"] = async (input, context) => {
  const { newId, express, parsed } = context;
  const name = input.name ?? newId();
  checkName(name);
  const text = input.input ?? "{}";
  checkJson(text);
  const resolved = await resolveMachine(input.stateMachineArn, context, { aliases: true });
  const { machine, revision } = resolved;
  if (machine.type === "STANDARD") return startStandard(resolved, { name, text, traceHeader: input.traceHeader }, context);
  const arn = expressArn(machine.arn, name, newId());
  void express.run(await parsed.of(revision), originOf(resolved, { arn, name, input: text }));
  return { executionArn: arn, startDate: new Date(context.now) };
};

type Wanted = { name: string; text: string; traceHeader: string | undefined };

/** A running execution of the same name and input is answered as if it had just been started; any other name may be used but once in 90 days. */
const startStandard = async (resolved: Resolved, { name, text, traceHeader }: Wanted, context: SfnContext) => {
  const { machine, revision } = resolved;
  const { account, executions, workflows, now } = context;
  const arn = executionArn(machine.arn, name);
  const again = async () => {
    const known = (await executions.find(arn))?.execution;
    if (known && (known.status !== "RUNNING" || known.origin.input !== text)) throw executionAlreadyExists(arn);
    return known && { executionArn: arn, startDate: new Date(known.startedAt) };
  };
  const known = (await executions.find(arn))?.execution;
  // A name is free again after its time, and when the state machine is another one of the same name.
  const isFree =
    known && ((known.stoppedAt ?? now) < now - quotas.retentionMs || (known.status !== "RUNNING" && known.startedAt < machine.createdAt));
  if (isFree) await executions.remove(arn);
  else if (known) return (await again()) ?? { executionArn: arn, startDate: new Date(known.startedAt) };
  const birth = { arn, account, machineArn: machine.arn, revisionId: revision.id, name, traceHeader, child: undefined };
  try {
    const { startedAt } = await workflows.start(birth, originOf(resolved, { arn, name, input: text }));
    return { executionArn: arn, startDate: new Date(startedAt) };
  } catch (error) {
    const found = error instanceof Fault && error.code === "ExecutionAlreadyExists" ? await again() : undefined;
    if (!found) throw error;
    return found;
  }
};

export const StartSyncExecution: Sfn["StartSyncExecution"] = async (input, context) => {
  const name = input.name ?? context.newId();
  checkName(name);
  const text = input.input ?? "{}";
  checkJson(text);
  const resolved = await resolveMachine(input.stateMachineArn, context, { aliases: true });
  const { machine, revision } = resolved;
  if (machine.type !== "EXPRESS") throw machineTypeNotSupported();
  const arn = expressArn(machine.arn, name, context.newId());
  const ended = await context.express.run(await context.parsed.of(revision), originOf(resolved, { arn, name, input: text }));
  const stoppedAt = ended.stoppedAt ?? ended.startedAt;
  const billed = Math.max(100, Math.ceil((stoppedAt - ended.startedAt) / 100) * 100);
  return {
    executionArn: arn,
    stateMachineArn: machine.arn,
    name,
    startDate: new Date(ended.startedAt),
    stopDate: new Date(stoppedAt),
    status: ended.status === "SUCCEEDED" || ended.status === "TIMED_OUT" ? ended.status : "FAILED",
    ...dataOf(ended, input.includedData !== "METADATA_ONLY"),
    ...(input.traceHeader === undefined ? {} : { traceHeader: input.traceHeader }),
    billingDetails: { billedMemoryUsedInMB: 64, billedDurationInMilliseconds: billed },
  } satisfies OutputOf<"sfn", "StartSyncExecution">;
};

const dataOf = ({ origin, output, error, cause }: Execution, isIncluded: boolean) => ({
  ...(isIncluded ? { input: origin.input, inputDetails: { included: true } } : {}),
  ...(isIncluded && output !== undefined ? { output, outputDetails: { included: true } } : {}),
  ...(error === undefined ? {} : { error }),
  ...(cause === undefined ? {} : { cause }),
});

export const requireExecution = (arn: string, context: Pick<SfnContext, "executions">): Promise<ExecutionRecord> =>
  requireRow(checkExecutionArn(arn), context);

const requireRow = async (arn: string, { executions }: Pick<SfnContext, "executions">): Promise<ExecutionRecord> => {
  const found = await executions.find(arn);
  if (!found) throw executionDoesNotExist(arn);
  return found;
};

/** Of Express executions those alone that a map run has started are kept: https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html */
export const DescribeExecution: Sfn["DescribeExecution"] = async ({ executionArn: arn, includedData }, context) => {
  const { machineArn, name, traceHeader, child, execution } = await requireRow(isExpressChild(arn) ? arn : checkExecutionArn(arn), context);
  const { origin, stoppedAt, redrivenAt } = execution;
  const why = notRedrivable(execution, context.now);
  return {
    executionArn: arn,
    stateMachineArn: machineArn,
    name,
    status: execution.status,
    startDate: new Date(execution.startedAt),
    ...(stoppedAt === undefined ? {} : { stopDate: new Date(stoppedAt) }),
    ...dataOf(execution, includedData !== "METADATA_ONLY"),
    ...(traceHeader === undefined ? {} : { traceHeader }),
    ...(child === undefined ? {} : { mapRunArn: child.mapRunArn }),
    ...(origin.stateMachineVersionArn === undefined ? {} : { stateMachineVersionArn: origin.stateMachineVersionArn }),
    ...(origin.stateMachineAliasArn === undefined ? {} : { stateMachineAliasArn: origin.stateMachineAliasArn }),
    redriveCount: execution.redriveCount,
    ...(redrivenAt === undefined ? {} : { redriveDate: new Date(redrivenAt) }),
    redriveStatus: why !== undefined ? "NOT_REDRIVABLE" : child ? "REDRIVABLE_BY_MAP_RUN" : "REDRIVABLE",
    ...(why === undefined ? {} : { redriveStatusReason: why }),
  } satisfies OutputOf<"sfn", "DescribeExecution">;
};

export const DescribeStateMachineForExecution: Sfn["DescribeStateMachineForExecution"] = async (input, context) => {
  const { machineArn, revisionId, child } = await requireExecution(input.executionArn, context);
  const { revision } = await context.parsed.get(revisionId);
  const name = machineArn.split(":")[6] ?? "";
  return {
    stateMachineArn: machineArn,
    name,
    updateDate: new Date(revision.createdAt),
    ...(await describeRevision(revision, input.includedData, context)),
    ...(child === undefined ? {} : { mapRunArn: child.mapRunArn, label: name.slice(name.indexOf("/") + 1) }),
  };
};

export const ListExecutions: Sfn["ListExecutions"] = async (input, context) => {
  const wanted = await listed(input, context);
  const limit = input.maxResults || quotas.defaultPage;
  const isRedriven = input.redriveFilter === undefined ? undefined : input.redriveFilter === "REDRIVEN";
  const rows = await context.executions.list({ ...wanted, status: input.statusFilter, isRedriven, after: placeOf(input), limit });
  const page = rows.slice(0, limit);
  const last = rows.length > limit ? page.at(-1) : undefined;
  const executions = page.map((row) => ({
    executionArn: row.arn,
    stateMachineArn: row.machine_arn,
    name: row.name,
    status: row.status as Execution["status"],
    startDate: new Date(row.started_at),
    ...(row.stopped_at === null ? {} : { stopDate: new Date(row.stopped_at) }),
    ...(row.version_arn === null ? {} : { stateMachineVersionArn: row.version_arn }),
    ...(row.alias_arn === null ? {} : { stateMachineAliasArn: row.alias_arn }),
    redriveCount: row.redrive_count,
    ...(row.redriven_at === null ? {} : { redriveDate: new Date(row.redriven_at) }),
    ...("mapRunArn" in wanted.of ? { mapRunArn: wanted.of.mapRunArn, itemCount: row.item_count ?? 0 } : {}),
  }));
  return { executions, ...(last === undefined ? {} : { nextToken: tokenOf(placeIn(wanted, last)) }) };
};

const listed = async (
  { stateMachineArn, mapRunArn, statusFilter }: ListInput,
  context: SfnContext,
): Promise<Pick<ListQuery, "of" | "startedBy">> => {
  if (stateMachineArn !== undefined && mapRunArn !== undefined)
    throw validation("You can specify either a stateMachineArn or a mapRunArn, but not both");
  if (mapRunArn !== undefined) return { of: { mapRunArn: (await requireMapRun(mapRunArn, context)).arn } };
  if (stateMachineArn === undefined) throw validation("You must specify either a stateMachineArn or a mapRunArn");
  if (statusFilter === "PENDING_REDRIVE") throw validation("PENDING_REDRIVE is only supported as a filter of a mapRunArn");
  const machine = await requireMachine(stateMachineArn, context);
  if (machine.type === "EXPRESS") throw machineTypeNotSupported();
  return { of: { machineArn: machine.arn }, startedBy: await versionOrAlias(stateMachineArn, context) };
};

type ListInput = Parameters<Sfn["ListExecutions"]>[0];

const versionOrAlias = async (arn: string, { versions }: SfnContext) => {
  const { machineArn, qualifier } = parseMachineArn(arn);
  if (qualifier === undefined) return undefined;
  if ((await versions.list(machineArn)).some(({ number }) => String(number) === qualifier)) return { column: "version_arn", arn } as const;
  if ((await versions.aliases(machineArn)).some(({ name }) => name === qualifier)) return { column: "alias_arn", arn } as const;
  throw machineDoesNotExist(arn);
};

/** Stopping what has ended already changes nothing, and tells when it ended. */
export const StopExecution: Sfn["StopExecution"] = async ({ executionArn: arn, error, cause }, context) => {
  await requireExecution(arn, context);
  const reason = { ...(error === undefined ? {} : { error }), ...(cause === undefined ? {} : { cause }) };
  const stopped = await context.workflows.tell(arn, { kind: "stop", ...reason });
  return { stopDate: new Date(stopped?.stoppedAt ?? context.now) };
};

/** A token that redrove the execution a short while ago gets the answer of then. */
export const RedriveExecution: Sfn["RedriveExecution"] = async ({ executionArn: arn, clientToken }, context) => {
  const { execution, child } = await requireExecution(arn, context);
  const done = execution.redriveTokens?.find(
    (before) => before.clientToken === clientToken && before.at > context.now - quotas.redriveTokenMs,
  );
  if (done) return { redriveDate: new Date(done.at) };
  const why = notRedrivable(execution, context.now) ?? (child && "Execution can only be redriven by its Map Run");
  if (why !== undefined) throw executionNotRedrivable(why);
  const redriven = await context.workflows.tell(arn, { kind: "redrive", clientToken });
  return { redriveDate: new Date(redriven?.redrivenAt ?? context.now) };
};
