import type { CloudFunction } from "../function.ts";
import { placeholderOf } from "../reference.ts";
import type { StateMachine } from "../state-machine.ts";
import type { Task } from "../task.ts";
import { expression, toTemplate } from "./expression.ts";
import type { Expression, Json } from "./expression.ts";

/** What a Task state calls, with what, and what of the answer goes on. */
export type Called = { resource: string; given: Json; result: Expression<unknown> };

export const result = expression<Record<string, never>>("$states.result");
export const input = expression<unknown>("$states.input");

export const callFunction = (of: Pick<CloudFunction, "id">, payload: unknown): Called => ({
  resource: "arn:aws:states:::lambda:invoke",
  given: toTemplate({ FunctionName: of.id, Payload: payload }),
  result: expression("$states.result.Payload"),
});

export const runMachine = (of: Pick<StateMachine, "arn">, given: unknown): Called => ({
  resource: "arn:aws:states:::states:startExecution.sync:2",
  given: toTemplate({ StateMachineArn: of.arn, Input: given }),
  result: expression("$states.result.Output"),
});

export type TaskGiven = { environment?: Readonly<Record<string, unknown>>; command?: unknown };

/** Runs a container to its end. What it is told comes by its environment; what it has to say it leaves in a bucket. */
export const runTask = (task: Task, { environment = {}, command }: TaskGiven): Called => ({
  resource: "arn:aws:states:::ecs:runTask.sync",
  given: toTemplate({
    Cluster: task.cluster,
    TaskDefinition: task.taskDefinition,
    LaunchType: "FARGATE",
    NetworkConfiguration: {
      // The template has the subnets as one text, as a variable of the environment must.
      AwsvpcConfiguration: { Subnets: expression(`$split("${placeholderOf(task.subnets)}", ",")`), AssignPublicIp: "ENABLED" },
    },
    Overrides: {
      ContainerOverrides: [
        {
          Name: task.name,
          Command: command,
          Environment: Object.entries(environment).map(([Name, Value]) => ({ Name, Value })),
        },
      ],
    },
  }),
  result: input,
});
