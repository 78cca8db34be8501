import { Fault } from "#wire/fault.ts";
import { accepting, integer, map, required, resourceType, tags, text } from "../resource-type.ts";
import type { ResourceContext } from "../resource-type.ts";
import type { StackRows } from "./stack-rows.ts";

const waitConditionHandle = resourceType({
  name: "AWS::CloudFormation::WaitConditionHandle",
  properties: {},
  create: async (_wanted, context) => ({ physicalId: context.name() }),
  remove: async () => {},
});

const pollMs = 200;

/** Waits until a nested stack is at rest, and answers with it. */
const atRest = async (StackName: string, { call, pause }: ResourceContext) => {
  for (;;) {
    const { Stacks } = await call("cloudformation", "DescribeStacks", { StackName });
    const stack = Stacks?.[0];
    if (stack?.StackStatus?.endsWith("IN_PROGRESS") !== true) return stack;
    await pause(pollMs);
  }
};

/** A nested stack is as it should be when it has this status; its outputs are the parent's to use. */
const expectStatus = async (stackId: string, done: { status: string; verb: string }, context: ResourceContext) => {
  const stack = await atRest(stackId, context);
  if (stack?.StackStatus !== done.status) {
    const reason = stack?.StackStatusReason ?? `it is in ${stack?.StackStatus ?? "no status"}`;
    throw new Fault("InternalFailure", `Embedded stack ${stackId} was not successfully ${done.verb}: ${reason}`, 400);
  }
  const outputs = (stack.Outputs ?? []).map(({ OutputKey, OutputValue }) => [`Outputs.${OutputKey}`, OutputValue ?? ""]);
  return { physicalId: stackId, attributes: Object.fromEntries(outputs) as Record<string, string> };
};

type NestedProperties = {
  readonly TemplateURL: string;
  readonly Parameters?: Readonly<Record<string, string>>;
  readonly Tags?: readonly { Key: string; Value: string }[];
};

/** What is acknowledged for the parent holds for the stacks in it. */
const inputFor = async ({ TemplateURL, Parameters = {}, Tags }: NestedProperties, { call, stackId, token }: ResourceContext) => {
  const { Stacks } = await call("cloudformation", "DescribeStacks", { StackName: stackId });
  return {
    TemplateURL,
    ClientRequestToken: token,
    Capabilities: Stacks?.[0]?.Capabilities ?? [],
    Parameters: Object.entries(Parameters).map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue })),
    Tags: [...(Tags ?? [])],
  };
};

/** Says whose child a stack is. */
const adopt = async (childId: string, { stackId, accountId, region }: ResourceContext, stacks: StackRows): Promise<void> => {
  const place = { account: accountId, region };
  await stacks.change(async (tx) => {
    const [parent, child] = [await stacks.findIn(tx, place, stackId), await stacks.findIn(tx, place, childId)];
    if (child) await stacks.update(tx, { ...child, parentId: stackId, rootId: parent?.rootId ?? stackId });
  });
};

const newNestedStack = (stacks: StackRows) =>
  resourceType({
    name: "AWS::CloudFormation::Stack",
    properties: { Parameters: map(text()), Tags: tags(), TemplateURL: required(text()), TimeoutInMinutes: integer() },
    attributes: ["Outputs.*"],
    create: async ({ properties }, context) => {
      const input = await inputFor(properties, context);
      const StackName = context.name({ longest: 128 });
      // The token makes a repeated request answer with the stack that the first one made.
      const { StackId = "" } = await context.call("cloudformation", "CreateStack", {
        ...input,
        StackName,
        TimeoutInMinutes: properties.TimeoutInMinutes,
      });
      await adopt(StackId, context, stacks);
      await context.created(StackId);
      return expectStatus(StackId, { status: "CREATE_COMPLETE", verb: "created" }, context);
    },
    update: async ({ properties }, { physicalId, attributes }, context) => {
      const input = await inputFor(properties, context);
      try {
        await context.call("cloudformation", "UpdateStack", { ...input, StackName: physicalId });
      } catch (error) {
        if (error instanceof Fault && error.message === "No updates are to be performed.") return { physicalId, attributes };
        throw error;
      }
      return expectStatus(physicalId, { status: "UPDATE_COMPLETE", verb: "updated" }, context);
    },
    remove: async ({ physicalId }, context) => {
      await accepting(context.call("cloudformation", "DeleteStack", { StackName: physicalId }), /^$/);
      const stack = await atRest(physicalId, context);
      if (stack !== undefined && stack.StackStatus !== "DELETE_COMPLETE")
        throw new Fault(
          "InternalFailure",
          `Embedded stack ${physicalId} was not successfully deleted: ${stack.StackStatusReason ?? ""}`,
          400,
        );
    },
  });

export const newResourceTypes = (stacks: StackRows) => [newNestedStack(stacks), waitConditionHandle];
