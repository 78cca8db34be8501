import type { Model } from "#wire/model.ts";
import type { OperationSchema } from "#wire/schema.ts";
import { expressionIn } from "../language/jsonata/delimiters.ts";
import { isObject } from "../language/json.ts";
import type { Json } from "../language/json.ts";
import { parseResource } from "../language/resource.ts";
import type { CheckTask, CheckTaskInput } from "../language/task-check.ts";
import { checkRequest } from "./http-request.ts";
import type { Naming, Namings } from "./members.ts";
import { checkParameters } from "./parameters.ts";
import type { Checked } from "./parameters.ts";
import { namesInCloud } from "./sdk-services.ts";
import { targetOf } from "./target.ts";
import type { ServiceResource, Target } from "./target.ts";

/** The schemas of a service by its name in `aws-sdk:` resources, if the cloud has it. */
export type ModelOf = (service: string) => Promise<Model | undefined>;

/** Checks of tasks against what AWS has and what the services of the cloud take. */
export type TaskChecks = {
  /** For one definition, with the schemas that it needs at hand. */
  checkFor(definition: string): Promise<CheckTask>;
  checkInput: CheckTaskInput;
  /** The operation that a resource stands for, or another of its service, with the naming of its results; none of a service that the cloud has not. */
  operationOf(resource: ServiceResource, operation?: string): Promise<{ operation: OperationSchema; naming: Naming } | undefined>;
};

/** Finds a service by the names that the cloud may have for it. */
export const newModelOf =
  (model: (name: string) => Promise<Model | undefined>): ModelOf =>
  async (service) => {
    const found = await Promise.all(namesInCloud(service).map(model));
    return found.find((each) => each !== undefined);
  };

export const newTaskChecks = ({ modelOf, namings }: { modelOf: ModelOf; namings: Namings }): TaskChecks => ({
  checkFor: async (definition) => {
    const models = await modelsFor(definition, modelOf);
    return (resource, parameters, language) => {
      if (resource.kind !== "service") return [];
      const target = targetOf(resource);
      const model = target?.service === undefined ? undefined : models.get(target.service);
      if (!target || !isThere(target, model)) return [{ message: notRecognised(resource), about: "resource" }];
      if (parameters === undefined || !isObject(parameters)) return [];
      const isOpen = (key: string, value: Json) =>
        language === "JSONata" ? typeof value === "string" && expressionIn(value) !== undefined : key.endsWith(".$");
      return check(parameters, { target, naming: namings[target.kind], model, isOpen }).map((message) => ({
        message,
        about: "parameters",
      }));
    };
  },
  checkInput: async (resource, input) => {
    const target = resource.kind === "service" ? targetOf(resource) : undefined;
    if (!target) return [];
    if (!isObject(input)) return ["The parameters must be an object"];
    const model = target.service === undefined ? undefined : await modelOf(target.service);
    try {
      return check(input, { target, naming: namings[target.kind], model, isOpen: () => false });
    } catch (error) {
      if (error instanceof RangeError) return ["The parameters are too deeply nested"];
      throw error;
    }
  },
  operationOf: async (resource, name) => {
    const target = targetOf(resource);
    const model = target?.service === undefined ? undefined : await modelOf(target.service);
    const operation = target && model?.operations.get(name ?? target.operation);
    return operation && { operation, naming: namings[target.kind] };
  },
});

const notRecognised = ({ arn }: ServiceResource) =>
  `The resource provided ${arn} is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.`;

const isThere = ({ operation, kind }: Target, model: Model | undefined) =>
  !model || kind === "optimised" || model.operations.has(operation);

type Checking = { target: Target; naming: Naming; model: Model | undefined; isOpen: Checked["isOpen"] };

const check = (parameters: { readonly [key: string]: Json }, { target, naming, model, isOpen }: Checking): string[] => {
  const schema = model?.operations.get(target.operation)?.input;
  return [...checkParameters(parameters, { target, naming, schema, isOpen }), ...checkRequest(parameters, { target, isOpen })];
};

/** The schemas of the services that a text names as resources, whatever else the text is. */
const modelsFor = async (definition: string, modelOf: ModelOf): Promise<Map<string, Model>> => {
  const wanted = new Set([...resourcesIn(definition)].flatMap((arn) => serviceOf(arn) ?? []));
  const found = await Promise.all([...wanted].map(async (service) => [service, await modelOf(service)] as const));
  return new Map(found.flatMap(([service, model]) => (model ? [[service, model] as const] : [])));
};

const serviceOf = (arn: string): string | undefined => {
  const resource = parseResource(arn);
  return resource?.kind === "service" ? targetOf(resource)?.service : undefined;
};

const resourcesIn = (definition: string): Set<string> => {
  const found = new Set<string>();
  try {
    JSON.parse(definition, (key, value: unknown) => {
      if (key === "Resource" && typeof value === "string") found.add(value);
      return value;
    });
  } catch {
    // What is no JSON is told of by those who read it.
  }
  return found;
};
