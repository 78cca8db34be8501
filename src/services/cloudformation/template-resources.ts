import { resourceType } from "../resource-type.ts";

const waitConditionHandle = resourceType({
  name: "AWS::CloudFormation::WaitConditionHandle",
  properties: {},
  create: async (_wanted, context) => ({ physicalId: context.name() }),
  remove: async () => {},
});

export const resourceTypes = [waitConditionHandle];
