import { paginateListStateMachines } from "@aws-sdk/client-sfn";
import { CliError } from "../cli-error.ts";
import { listWorkflows } from "./ask-workflows.ts";
import type { Cloud } from "./ask-workflows.ts";

/** The ARN of the execution that is meant: by its ARN, as `machine/execution`, or the machine's latest; a machine also by what the app's file calls it. */
export const findExecution = async (cloud: Cloud, wanted: string): Promise<string> => {
  if (/^arn:[^:]*:states:[^:]*:[^:]*:(?!stateMachine:)/.test(wanted)) return wanted;
  const [machine = "", execution] = wanted.startsWith("arn:") ? [wanted] : wanted.split(/\/(.*)/s, 2);
  const arn = await findMachine(cloud, machine);
  if (execution) return `${arn.replace(":stateMachine:", ":execution:")}:${execution}`;
  const { executions } = await listWorkflows(cloud, { machine: arn, limit: "1" });
  if (executions[0]) return executions[0].executionArn;
  const start = `aws stepfunctions start-execution --endpoint-url ${cloud.endpoint} --state-machine-arn ${arn}`;
  throw new CliError(`${machine} has not been executed yet, or is of type EXPRESS, whose executions are not kept. Start one:\n  ${start}`);
};

const findMachine = async ({ client }: Cloud, wanted: string): Promise<string> => {
  if (wanted.startsWith("arn:")) return wanted;
  const machines: { name: string; arn: string }[] = [];
  for await (const { stateMachines = [] } of paginateListStateMachines({ client }, {}))
    machines.push(...stateMachines.map(({ name = "", stateMachineArn = "" }) => ({ name, arn: stateMachineArn })));
  const exact = machines.find(({ name }) => name === wanted);
  if (exact) return exact.arn;
  const found = machines.filter(({ name }) => name.endsWith(`-${wanted}`));
  const names = (each: readonly { name: string }[]) => each.map(({ name }) => name).join("\n");
  if (found.length > 1) throw new CliError(`${wanted} may be any of these; give one of them in full:\n${names(found)}`);
  if (found[0]) return found[0].arn;
  throw new CliError(
    `There is no state machine ${wanted}. ${machines.length === 0 ? "There are none yet." : `There are:\n${names(machines)}`}`,
  );
};
