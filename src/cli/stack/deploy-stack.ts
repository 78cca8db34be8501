import { setTimeout as sleep } from "node:timers/promises";
import type { CloudFormationClient, Parameter, Stack } from "@aws-sdk/client-cloudformation";
import type { Template } from "#app/template/template.ts";
import { CliError } from "../cli-error.ts";
import type { Terminal } from "../terminal.ts";
import { followStack, newEvents } from "./follow-stack.ts";

const pollMs = 100;

export type Deployment = { stackName: string; template: Template; parameters: Readonly<Record<string, string>> };

export type DeployedStack = { stackName: string; stackId: string; changed: boolean; outputs: Record<string, string> };

type Access = { client: CloudFormationClient; terminal: Terminal };

/** Hands a template to CloudFormation as a change set, carries it out and follows it to its end. */
export const deployStack = async ({ stackName, template, parameters }: Deployment, access: Access): Promise<DeployedStack> => {
  const { client, terminal } = access;
  const before = await findStack(client, stackName);
  const exists = before !== undefined && before.StackStatus !== "REVIEW_IN_PROGRESS";
  if (exists && !/^(CREATE|UPDATE|UPDATE_ROLLBACK|IMPORT)_COMPLETE$/.test(before.StackStatus ?? ""))
    throw new CliError(
      `The stack ${stackName} is in ${before.StackStatus}, and can't be updated. ${before.StackStatus?.endsWith("IN_PROGRESS") ? "Wait until it is through." : `Remove it with \`tandem destroy ${stackName}\`, and deploy again.`}`,
    );
  const seen = new Set<string>();
  if (before?.StackId) await newEvents(client, before.StackId, seen);
  const stackId = await executeChanges({ stackName, template, parameters }, { ...access, exists });
  if (stackId === undefined) {
    terminal.step("stack", `${stackName}: nothing to change`, { stack: stackName, status: before?.StackStatus });
    return { stackName, stackId: before?.StackId ?? "", changed: false, outputs: outputsOf(before) };
  }
  const { status, failures } = await followStack({ client, terminal, stackId }, seen);
  if (status !== "CREATE_COMPLETE" && status !== "UPDATE_COMPLETE")
    throw new CliError(
      [
        `The stack ${stackName} ended in ${status}.`,
        ...failures.slice(0, 5),
        exists ? "What ran before runs on." : `Remove what is left with \`tandem destroy ${stackName}\` before you deploy again.`,
      ].join("\n"),
    );
  return { stackName, stackId, changed: true, outputs: outputsOf(await findStack(client, stackId)) };
};

export const findStack = async (client: CloudFormationClient, stackName: string): Promise<Stack | undefined> => {
  const { DescribeStacksCommand } = await import("@aws-sdk/client-cloudformation");
  try {
    return (await client.send(new DescribeStacksCommand({ StackName: stackName }))).Stacks?.[0];
  } catch (error) {
    if (error instanceof Error && /does not exist/.test(error.message)) return undefined;
    throw error;
  }
};

const outputsOf = (stack: Stack | undefined): Record<string, string> =>
  Object.fromEntries((stack?.Outputs ?? []).map(({ OutputKey = "", OutputValue = "" }) => [OutputKey, OutputValue]));

/** Answers with the stack's id once its operation has begun; undefined when the template changes nothing. */
const executeChanges = async (
  { stackName, template, parameters }: Deployment,
  { client, exists }: Access & { exists: boolean },
): Promise<string | undefined> => {
  const { CreateChangeSetCommand, DescribeChangeSetCommand, ExecuteChangeSetCommand, DeleteChangeSetCommand } =
    await import("@aws-sdk/client-cloudformation");
  const declared = Object.keys(template.Parameters ?? {});
  const unknown = Object.keys(parameters).find((name) => !declared.includes(name));
  if (unknown !== undefined) throw new CliError(`The template has no parameter ${unknown}; it has ${declared.join(", ") || "none"}.`);
  const { Id: ChangeSetName, StackId } = await client.send(
    new CreateChangeSetCommand({
      StackName: stackName,
      ChangeSetName: `tandem-${Date.now()}`,
      ChangeSetType: exists ? "UPDATE" : "CREATE",
      TemplateBody: JSON.stringify(template),
      Parameters: Object.entries(parameters).map(([ParameterKey, ParameterValue]): Parameter => ({ ParameterKey, ParameterValue })),
      Capabilities: ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
    }),
  );
  for (;;) {
    const { Status, StatusReason = "" } = await client.send(new DescribeChangeSetCommand({ ChangeSetName }));
    if (Status === "CREATE_COMPLETE") break;
    if (Status === "FAILED") {
      await client.send(new DeleteChangeSetCommand({ ChangeSetName }));
      if (/didn't contain changes|No updates are to be performed/.test(StatusReason)) return undefined;
      throw new CliError(`CloudFormation refuses the template of ${stackName}: ${StatusReason}`);
    }
    await sleep(pollMs);
  }
  await client.send(new ExecuteChangeSetCommand({ ChangeSetName }));
  return StackId;
};
