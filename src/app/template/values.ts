import { AppError } from "../app-error.ts";
import type { Declaration } from "../declarations.ts";
import { splitReferences, variableOf } from "../reference.ts";
import { attribute, joined, ref, sub } from "./template.ts";
import type { Json } from "./template.ts";

export const clusterId = "Cluster";
export const subnetsParameter = "Subnets";

/** Twelve characters that no other stack has, from the stack's id: `arn:aws:cloudformation:<region>:<account>:stack/<name>/<uuid>`. */
const stackCharacters: Json = {
  "Fn::Select": [4, { "Fn::Split": ["-", { "Fn::Select": [2, { "Fn::Split": ["/", ref("AWS::StackId")] }] }] }],
};

/**
 * A bucket's name is an expression of the stack rather than a `Ref`: bucket → function (its notifications) → bucket (its environment) would
 * be a circle, which CloudFormation refuses.
 */
export const bucketName = (name: string): Json => joined("-", [name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-"), stackCharacters]);

/** Functions that call each other would be a circle as well, so their names are expressions too. */
export const functionName = (name: string): Json => sub(`\${AWS::StackName}-${name}`);

/** State machines that start each other, or functions that start those that call them, would be circles too. */
export const machineArn = (name: string): Json => statesArn(`stateMachine:\${AWS::StackName}-${name}`);

export const statesArn = (resource: string): Json => sub(`arn:\${AWS::Partition}:states:\${AWS::Region}:\${AWS::AccountId}:${resource}`);

/** What a reference of the app stands for in the template. */
export const attributeValue = (declaration: Declaration, id: string, name: string): Json | undefined => {
  if (name === "name" && declaration.kind === "bucket") return bucketName(declaration.name);
  if (name === "name" && declaration.kind === "function") return functionName(declaration.name);
  if (name === "arn" && declaration.kind === "stateMachine") return machineArn(declaration.name);
  if (declaration.kind !== "task") return undefined;
  if (name === "taskDefinition") return ref(id);
  if (name === "cluster") return attribute(clusterId, "Arn");
  return name === "subnets" ? { "Fn::Join": [",", ref(subnetsParameter)] } : undefined;
};

/** Turns text of the app, in which references may stand, into a value of the template. */
export const textValue = (text: string, all: ReadonlyMap<string, Declaration>): Json => {
  const parts = splitReferences(text).map((part): Json => {
    if (typeof part === "string") return part;
    const declaration = all.get(part.id);
    const value = declaration && attributeValue(declaration, part.id, part.attribute);
    if (value === undefined) throw new AppError(`There is no ${part.attribute} of ${part.id} in this app.`);
    return value;
  });
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : parts.length === 0 ? "" : joined("", parts);
};

export const textValues = (texts: Readonly<Record<string, string>>, all: ReadonlyMap<string, Declaration>): Record<string, Json> =>
  Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, textValue(text, all)]));

const attributesOf: Readonly<Record<Declaration["kind"], readonly string[]>> = {
  bucket: ["name"],
  function: ["name"],
  stateMachine: ["arn"],
  task: ["taskDefinition", "cluster", "subnets"],
};

/** The variables by which a function knows the real names of what it may use. */
export const referenceVariables = (used: ReadonlyMap<string, Declaration>): Record<string, Json> =>
  Object.fromEntries(
    [...used].flatMap(([id, declaration]) =>
      attributesOf[declaration.kind].map((name) => [variableOf({ id, attribute: name }), attributeValue(declaration, id, name) ?? ""]),
    ),
  );
