import { AppError } from "./app-error.ts";
import { declarations } from "./declarations.ts";
import type { Declaration } from "./declarations.ts";
import { logicalId } from "./logical-id.ts";
import type { Assets } from "./template/assets.ts";
import { bucketResources } from "./template/bucket-resources.ts";
import { functionResources } from "./template/function-resources.ts";
import { machineResources } from "./template/machine-resources.ts";
import { taskResources } from "./template/task-resources.ts";
import type { Json, Resource, Template } from "./template/template.ts";
import { clusterId, subnetsParameter, textValue } from "./template/values.ts";

export { declarations };

const resourcesOf = (id: string, declaration: Declaration, assets: Assets): Record<string, Resource> => {
  if (declaration.kind === "bucket") return bucketResources(id, declaration);
  if (declaration.kind === "function") return functionResources(id, declaration, { all: declarations, assets });
  if (declaration.kind === "stateMachine") return machineResources(id, declaration, declarations);
  return taskResources(id, declaration, { all: declarations, assets });
};

/** What the app's module exports as text, numbers or references becomes the stack's outputs. */
const outputsOf = (exports: Readonly<Record<string, unknown>>): Record<string, { Value: Json }> => {
  const outputs: Record<string, { Value: Json }> = {};
  for (const [name, value] of Object.entries(exports)) {
    const text = textOf(value);
    if (text !== undefined) outputs[logicalId(name)] = { Value: textValue(text, declarations) };
  }
  return outputs;
};

const textOf = (value: unknown): string | undefined => {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return String(value);
  const isReference = typeof value === "object" && value !== null && "get" in value && typeof value.get === "function";
  return isReference ? String((value.get as () => unknown)()) : undefined;
};

const taskParts = {
  parameters: {
    [subnetsParameter]: {
      Type: "CommaDelimitedList",
      Default: "subnet-default",
      Description: "The subnets in which tasks run. Tandem has one network for all; AWS wants the ids of yours.",
    },
  },
  resources: { [clusterId]: { Type: "AWS::ECS::Cluster" } },
};

/** The template of the app that has been loaded: plain CloudFormation. */
export const synthesise = (exports: Readonly<Record<string, unknown>>, assets: Assets): Template => {
  const all = [...declarations];
  if (all.length === 0) throw new AppError('The app declares nothing. Begin with `new cloud.Bucket("bucket")`.');
  const hasTasks = all.some(([, { kind }]) => kind === "task");
  const resources: Record<string, Resource> = hasTasks ? { ...taskParts.resources } : {};
  for (const [id, declaration] of all)
    for (const [resourceId, resource] of Object.entries(resourcesOf(id, declaration, assets))) {
      if (resources[resourceId])
        throw new AppError(`${declaration.kind} "${declaration.name}" needs the id ${resourceId}, which is another's: rename one of them.`);
      resources[resourceId] = resource;
    }
  const outputs = outputsOf(exports);
  return {
    AWSTemplateFormatVersion: "2010-09-09",
    Description: "Made by tandem synth.",
    ...(hasTasks ? { Parameters: taskParts.parameters } : {}),
    Resources: resources,
    ...(Object.keys(outputs).length > 0 ? { Outputs: outputs } : {}),
  };
};
