import { handlersOf } from "../service.ts";
import type { OpenService } from "../service.ts";
import { newChangeSetRows } from "./change-set-rows.ts";
import { CreateChangeSet, DeleteChangeSet, ExecuteChangeSet } from "./change-sets.ts";
import type { CloudFormationContext } from "./cloudformation.ts";
import { DescribeChangeSet, ListChangeSets } from "./describe-change-sets.ts";
import { DescribeStacks, ListStacks } from "./describe-stacks.ts";
import { newExportRows } from "./export-rows.ts";
import { ListExports, ListImports } from "./exports.ts";
import { carryOn } from "./loops/deployment.ts";
import { migrations } from "./migrations/all.ts";
import { DescribeStackEvents } from "./stack-events.ts";
import { DescribeStackResource, DescribeStackResources, ListStackResources } from "./stack-resources.ts";
import { newStackRows } from "./stack-rows.ts";
import { CancelUpdateStack, ContinueUpdateRollback, CreateStack, DeleteStack, UpdateStack, UpdateTerminationProtection } from "./stacks.ts";
import { newResourceTypes } from "./template-resources.ts";
import { GetTemplate, GetTemplateSummary, ValidateTemplate } from "./templates.ts";

export const openCloudFormation: OpenService = async ({ store, loops, resourceTypes: types, callAs, now, newId, log }) => {
  await store.migrate("cloudformation", migrations);
  const [stacks, changeSets, exports] = [newStackRows(store), newChangeSetRows(store), newExportRows(store)];
  const tools = { stacks, exports, types, callAs, now, newId, log, stopping: loops.closing };
  // A nested stack's parent waits for it in a place of its own.
  const loop = loops.add({
    name: "cloudformation",
    keys: stacks.moving,
    reconcile: (stackId) => carryOn(stackId, tools),
    concurrency: 256,
  });
  return {
    operations: handlersOf<"cloudformation", CloudFormationContext>()({
      CancelUpdateStack,
      ContinueUpdateRollback,
      CreateChangeSet,
      CreateStack,
      DeleteChangeSet,
      DeleteStack,
      DescribeChangeSet,
      DescribeStackEvents,
      DescribeStackResource,
      DescribeStackResources,
      DescribeStacks,
      ExecuteChangeSet,
      GetTemplate,
      GetTemplateSummary,
      ListChangeSets,
      ListExports,
      ListImports,
      ListStackResources,
      ListStacks,
      UpdateStack,
      UpdateTerminationProtection,
      ValidateTemplate,
    }),
    context: { stacks, changeSets, exports, types, deploy: (stackId: string) => loop.enqueue(stackId) },
    resourceTypes: newResourceTypes(stacks),
    reset: stacks.clear,
  };
};
