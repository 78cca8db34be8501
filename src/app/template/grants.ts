import { AppError } from "../app-error.ts";
import type { Declaration } from "../declarations.ts";
import { attribute, joined, ref, sub } from "./template.ts";
import type { Json } from "./template.ts";
import { bucketName, machineArn } from "./values.ts";

type User = { kind: string; name: string; uses: readonly string[] | undefined };

/** What a function or task may reach: what it names, else the whole app but itself. */
export const usedBy = (user: User, all: ReadonlyMap<string, Declaration>): ReadonlyMap<string, Declaration> => {
  for (const name of user.uses ?? [])
    if (![...all.values()].some((each) => each.name === name))
      throw new AppError(`${user.kind} "${user.name}" uses "${name}", which the app does not declare.`);
  return new Map([...all].filter(([, { name }]) => name !== user.name && (user.uses?.includes(name) ?? true)));
};

export const statement = (actions: readonly string[], resources: readonly Json[]): Json => ({
  Effect: "Allow",
  Action: actions,
  Resource: resources,
});

export const bucketArn = (name: string, ...rest: string[]): Json =>
  joined("", [sub("arn:${AWS::Partition}:s3:::"), bucketName(name), ...rest]);

const bucketStatements = (name: string): Json[] => {
  const arn = (...rest: string[]): Json => bucketArn(name, ...rest);
  return [
    statement(["s3:ListBucket", "s3:GetBucketLocation"], [arn()]),
    statement(["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"], [arn("/*")]),
  ];
};

export const invoking = (name: string): Json =>
  statement(
    ["lambda:InvokeFunction"],
    [sub(`arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:\${AWS::StackName}-${name}`)],
  );

export const runningTask = (id: string): Json[] => [
  statement(["ecs:RunTask"], [ref(id)]),
  statement(["iam:PassRole"], [attribute(`${id}Role`, "Arn"), attribute(`${id}ExecutionRole`, "Arn")]),
];

const statementsFor = (id: string, declaration: Declaration): Json[] => {
  const { kind, name } = declaration;
  if (kind === "bucket") return bucketStatements(name);
  if (kind === "function") return [invoking(name)];
  if (kind === "task") return runningTask(id);
  const actions = declaration.type === "EXPRESS" ? ["states:StartExecution", "states:StartSyncExecution"] : ["states:StartExecution"];
  return [statement(actions, [machineArn(name)])];
};

/** The inline policies of the role of what uses these resources. Tasks are started by functions alone. */
export const policies = (user: User, all: ReadonlyMap<string, Declaration>): Json[] => {
  const used = [...usedBy(user, all)].filter(([, { kind }]) => user.kind === "function" || kind !== "task");
  const statements = used.flatMap(([id, declaration]) => statementsFor(id, declaration));
  if (statements.length === 0) return [];
  return [{ PolicyName: "resources", PolicyDocument: { Version: "2012-10-17", Statement: statements } }];
};
