import { conflict, preconditionFailed, resourceNotFound } from "./faults.ts";
import type { Lambda } from "./lambda.ts";
import { functionArn, requireFunction } from "./names.ts";
import type { Statement } from "./policy-rows.ts";

const unqualified = (qualifier: string | undefined) => qualifier ?? "$LATEST";

export const AddPermission: Lambda["AddPermission"] = async (input, context) => {
  const { fn, qualifier } = await requireFunction(input, context);
  const policy = await context.policies.find(fn, unqualified(qualifier));
  if (input.RevisionId !== undefined && policy && input.RevisionId !== policy.revisionId) throw preconditionFailed();
  if (policy?.statements.some(({ Sid }) => Sid === input.StatementId))
    throw conflict(
      `The statement id (${input.StatementId}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
    );
  const statement: Statement = {
    Sid: input.StatementId,
    Effect: "Allow",
    Principal: principalOf(input.Principal),
    Action: input.Action,
    Resource: functionArn(fn, qualifier),
    ...conditionOf(input),
  };
  await context.policies.put(fn, unqualified(qualifier), {
    statements: [...(policy?.statements ?? []), statement],
    revisionId: context.newId(),
  });
  return { Statement: JSON.stringify(statement) };
};

const principalOf = (principal: string): unknown => {
  if (principal === "*") return "*";
  if (principal.includes(".amazonaws.com")) return { Service: principal };
  return { AWS: /^\d{12}$/.test(principal) ? `arn:aws:iam::${principal}:root` : principal };
};

type Conditions = {
  SourceArn?: string | undefined;
  SourceAccount?: string | undefined;
  PrincipalOrgID?: string | undefined;
  FunctionUrlAuthType?: string | undefined;
  EventSourceToken?: string | undefined;
};

const conditionOf = (input: Conditions) => {
  const equal = {
    ...(input.SourceAccount === undefined ? {} : { "AWS:SourceAccount": input.SourceAccount }),
    ...(input.PrincipalOrgID === undefined ? {} : { "aws:PrincipalOrgID": input.PrincipalOrgID }),
    ...(input.FunctionUrlAuthType === undefined ? {} : { "lambda:FunctionUrlAuthType": input.FunctionUrlAuthType }),
    ...(input.EventSourceToken === undefined ? {} : { "lambda:EventSourceToken": input.EventSourceToken }),
  };
  const condition = {
    ...(Object.keys(equal).length > 0 ? { StringEquals: equal } : {}),
    ...(input.SourceArn === undefined ? {} : { ArnLike: { "AWS:SourceArn": input.SourceArn } }),
  };
  return Object.keys(condition).length > 0 ? { Condition: condition } : {};
};

export const RemovePermission: Lambda["RemovePermission"] = async (input, context) => {
  const { fn, qualifier } = await requireFunction(input, context);
  const policy = await context.policies.find(fn, unqualified(qualifier));
  const left = policy?.statements.filter(({ Sid }) => Sid !== input.StatementId);
  if (!policy || left?.length === policy.statements.length)
    throw resourceNotFound(
      policy ? `Statement ${input.StatementId} is not found in resource policy.` : "No policy is associated with the given resource.",
    );
  if (input.RevisionId !== undefined && input.RevisionId !== policy.revisionId) throw preconditionFailed();
  await context.policies.put(fn, unqualified(qualifier), { statements: left ?? [], revisionId: context.newId() });
  return {};
};

export const GetPolicy: Lambda["GetPolicy"] = async (input, context) => {
  const { fn, qualifier } = await requireFunction(input, context);
  const policy = await context.policies.find(fn, unqualified(qualifier));
  if (!policy) throw resourceNotFound("The resource you requested does not exist.");
  return { Policy: JSON.stringify({ Version: "2012-10-17", Id: "default", Statement: policy.statements }), RevisionId: policy.revisionId };
};
