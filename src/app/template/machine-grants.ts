import type { Declaration, StateMachineDeclaration } from "../declarations.ts";
import { splitReferences } from "../reference.ts";
import { statesIn } from "../workflow/definition.ts";
import { bucketArn, invoking, runningTask, statement } from "./grants.ts";
import { sub } from "./template.ts";
import type { Json } from "./template.ts";
import { clusterId, machineArn, statesArn, textValue } from "./values.ts";

type All = ReadonlyMap<string, Declaration>;
type Fields = { readonly [key: string]: unknown };

const fieldsOf = (value: unknown): Fields => (typeof value === "object" && value !== null ? (value as Fields) : {});

/** The resource of the app that a member of a state's arguments refers to, if it is one of that kind. */
const referredTo = <K extends Declaration["kind"]>(state: Fields, member: string, kind: K, all: All) => {
  const value = fieldsOf(state["Arguments"] ?? state["Parameters"])[member];
  const [part] = typeof value === "string" ? splitReferences(value) : [];
  const found = typeof part === "object" ? all.get(part.id) : undefined;
  if (typeof part !== "object" || found?.kind !== kind) return undefined;
  return { id: part.id, name: found.name };
};

/** To wait for what it has started, Step Functions has a rule for the events of it. */
const eventsRule = (name: string): Json =>
  statement(
    ["events:PutTargets", "events:PutRule", "events:DescribeRule"],
    [sub(`arn:\${AWS::Partition}:events:\${AWS::Region}:\${AWS::AccountId}:rule/${name}`)],
  );

const executionsOf = (name: string): Json[] => [
  statesArn(`execution:\${AWS::StackName}-${name}:*`),
  statesArn(`execution:\${AWS::StackName}-${name}/*:*`),
];

const followingExecutions = (name: string): Json => statement(["states:DescribeExecution", "states:StopExecution"], executionsOf(name));

const taskStatements = (state: Fields, all: All): Json[] => {
  const action = /:states:::([a-z]+:[A-Za-z]+)(\.sync)?/.exec(String(state["Resource"]));
  const isSync = action?.[2] !== undefined;
  if (action?.[1] === "lambda:invoke") {
    const called = referredTo(state, "FunctionName", "function", all);
    return called ? [invoking(called.name)] : [];
  }
  if (action?.[1] === "ecs:runTask") {
    const run = referredTo(state, "TaskDefinition", "task", all);
    const tasks = sub(`arn:\${AWS::Partition}:ecs:\${AWS::Region}:\${AWS::AccountId}:task/\${${clusterId}}/*`);
    const waiting = [statement(["ecs:StopTask", "ecs:DescribeTasks"], [tasks]), eventsRule("StepFunctionsGetEventsForECSTaskRule")];
    return run ? [...runningTask(run.id), ...(isSync ? waiting : [])] : [];
  }
  const started = action?.[1] === "states:startExecution" ? referredTo(state, "StateMachineArn", "stateMachine", all) : undefined;
  if (!started) return [];
  const waiting = [followingExecutions(started.name), eventsRule("StepFunctionsGetEventsForStepFunctionsExecutionRule")];
  return [statement(["states:StartExecution"], [machineArn(started.name)]), ...(isSync ? waiting : [])];
};

const mapStatements = (state: Fields, own: string, all: All): Json[] => {
  const processor = fieldsOf(fieldsOf(state["ItemProcessor"])["ProcessorConfig"]);
  if (processor["Mode"] !== "DISTRIBUTED") return [];
  const reader = fieldsOf(state["ItemReader"]);
  const read = referredTo(reader, "Bucket", "bucket", all);
  const isListing = String(reader["Resource"]).endsWith(":listObjectsV2");
  const written = referredTo(fieldsOf(state["ResultWriter"]), "Bucket", "bucket", all);
  const writing = ["s3:PutObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload"];
  return [
    statement(["states:StartExecution"], [machineArn(own)]),
    followingExecutions(own),
    ...(read
      ? [isListing ? statement(["s3:ListBucket"], [bucketArn(read.name)]) : statement(["s3:GetObject"], [bucketArn(read.name, "/*")])]
      : []),
    ...(written ? [statement(writing, [bucketArn(written.name, "/*")])] : []),
  ];
};

/** Log deliveries belong to no resource: https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html */
const loggingStatement = statement(
  [
    "logs:CreateLogDelivery",
    "logs:CreateLogStream",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutLogEvents",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
  ],
  ["*"],
);

/** What a state machine's role may do: what its states need, and nothing else. */
export const machineStatements = ({ name, logging, permissions }: StateMachineDeclaration, definition: Json, all: All): Json[] => {
  const states = statesIn(definition).flatMap(({ state }) => {
    if (state["Type"] === "Task") return taskStatements(state, all);
    return state["Type"] === "Map" ? mapStatements(state, name, all) : [];
  });
  const asked = permissions.map(({ actions, resources }) =>
    statement(
      actions,
      resources.map((resource) => textValue(resource, all)),
    ),
  );
  const whole = [...states, ...asked, ...(logging ? [loggingStatement] : [])];
  return [...new Map(whole.map((each) => [JSON.stringify(each), each])).values()];
};
