import { templateError, templateFormatError, validationError } from "../faults.ts";
import { limits } from "../limits.ts";
import { expandLoops } from "./expand-loops.ts";
import type { GivenValues } from "./expand-loops.ts";
import { asText, functionOf, isList, isObject, isScalar, member } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";
import { readParameter } from "./parameter-declarations.ts";
import { languageExtensions } from "./template.ts";
import type { Policy, Template, TemplateOutput, TemplateResource } from "./template.ts";

const sections = [
  "AWSTemplateFormatVersion",
  "Description",
  "Metadata",
  "Parameters",
  "Rules",
  "Mappings",
  "Conditions",
  "Transform",
  "Resources",
  "Outputs",
];

/** What a resource may have besides its properties. Creation and update policies are for types that signal, which are not here. */
const resourceMembers = ["Type", "Properties", "DependsOn", "Condition", "DeletionPolicy", "UpdateReplacePolicy", "Metadata"];
const unsupportedMembers = ["CreationPolicy", "UpdatePolicy"];

/**
 * Reads the sections of a template and checks their form; loops go by the values `given` to parameters.
 * @throws Fault `ValidationError`, in AWS's words
 */
export const readTemplate = (written: JsonObject, given: GivenValues = {}): Template => {
  const source = expandLoops(written, given);
  const unknown = Object.keys(source).filter((key) => !sections.includes(key));
  if (unknown.length > 0) throw validationError(`Invalid template property or properties [${unknown.join(", ")}]`);
  const transforms = readTransforms(source["Transform"]);
  if (source["Rules"] !== undefined) throw templateFormatError("the Rules section is not supported.");
  const version = readText(source, "AWSTemplateFormatVersion");
  if (version !== undefined && version !== "2010-09-09") throw templateFormatError("Unsupported template version.");
  const description = readText(source, "Description");
  if (description !== undefined && Buffer.byteLength(description) > limits.descriptionBytes)
    throw templateFormatError(`Template description is larger than the maximum allowed length of ${limits.descriptionBytes} bytes`);
  refuseNulls(source, "");
  const mappings = new Map(readSection(source, "Mappings", "mappings", limits.mappings));
  for (const mapping of mappings.values()) checkMapping(mapping);
  return {
    version,
    description,
    metadata: source["Metadata"],
    transforms,
    mappings,
    parameters: new Map(
      readSection(source, "Parameters", "parameters", limits.parameters).map(([name, value]) => [name, readParameter(name, value)]),
    ),
    conditions: new Map(readSection(source, "Conditions", "conditions", undefined)),
    resources: readResources(source),
    outputs: new Map(readSection(source, "Outputs", "outputs", limits.outputs).map(([name, value]) => [name, readOutput(name, value)])),
  };
};

const readTransforms = (value: Json | undefined): string[] => {
  if (value === undefined) return [];
  const names = isList(value) ? value : [value];
  return names.map((name) => {
    if (name === languageExtensions) return name;
    const text = isObject(name) ? asText(member(name, "Name")) : asText(name);
    throw validationError(`No transform named ${text ?? JSON.stringify(name)} found.`);
  });
};

const readText = (source: JsonObject, name: string): string | undefined => {
  const value = source[name];
  if (value === undefined) return undefined;
  const text = asText(value);
  if (text === undefined) throw templateFormatError(`Every ${name} member must be a string.`);
  return text;
};

const readSection = (source: JsonObject, name: string, plural: string, most: number | undefined): [string, Json][] => {
  const section = source[name];
  if (section === undefined || section === null) return [];
  if (!isObject(section)) throw templateFormatError(`${name} must be an object.`);
  const entries = Object.entries(section);
  if (most !== undefined && entries.length > most)
    throw templateFormatError(`Number of ${plural}, ${entries.length}, is greater than maximum allowed, ${most}`);
  for (const [key] of entries) if (!/^[a-zA-Z0-9]+$/.test(key)) throw templateFormatError(`${name} name '${key}' is non alphanumeric.`);
  return entries;
};

const refuseNulls = (value: Json, path: string): void => {
  if (value === null) throw templateFormatError(`[${path}] 'null' values are not allowed in templates`);
  if (typeof value !== "object") return;
  for (const [key, child] of Object.entries(value)) {
    const empty = path === "" && child === null && key !== "Resources";
    if (!empty && key !== "Metadata") refuseNulls(child, `${path}/${key}`);
  }
};

const checkMapping = (mapping: Json): void => {
  if (!isObject(mapping)) throw templateFormatError("Every Mappings member must be a map");
  for (const [key, attributes] of Object.entries(mapping)) {
    if (!isObject(attributes)) throw templateFormatError(`Every Mappings attribute must be a String or a List.`);
    if (!/^[a-zA-Z0-9.-]+$/.test(key))
      throw templateFormatError(`Mappings key '${key}' must contain only alphanumeric characters, dashes and periods.`);
    for (const value of Object.values(attributes)) {
      const plain = isScalar(value) || (isList(value) && value.every((item) => isScalar(item)));
      if (!plain) throw templateFormatError("Every Mappings attribute must be a String or a List.");
    }
  }
};

const readResources = (source: JsonObject): Map<string, TemplateResource> => {
  const section = source["Resources"];
  if (section === undefined) throw templateFormatError("At least one Resources member must be defined.");
  const entries = readSection(source, "Resources", "resources", limits.resources);
  if (entries.length === 0) throw templateFormatError("At least one Resources member must be defined.");
  return new Map(entries.map(([logicalId, value]) => [logicalId, readResource(logicalId, value)]));
};

const readResource = (logicalId: string, value: Json): TemplateResource => {
  const path = `[/Resources/${logicalId}]`;
  if (!isObject(value)) throw templateFormatError(`${path} Every Resources member must be an object.`);
  const type = value["Type"];
  if (typeof type !== "string" || type === "") throw templateFormatError(`${path} Every Resources object must contain a Type member.`);
  for (const name of Object.keys(value)) {
    if (unsupportedMembers.includes(name))
      throw validationError(
        `The resource attribute ${name} is not supported: resource ${logicalId} of type ${type} can't wait for signals.`,
      );
    if (!resourceMembers.includes(name)) throw validationError(`Invalid template resource property '${name}'`);
  }
  const properties = value["Properties"] ?? {};
  if (!isObject(properties)) throw templateFormatError(`[/Resources/${logicalId}/Properties] Every Properties member must be an object.`);
  const condition = value["Condition"];
  if (condition !== undefined && typeof condition !== "string") throw templateFormatError("Every Condition member must be a string.");
  return {
    logicalId,
    type,
    properties,
    condition,
    dependsOn: readDependsOn(value["DependsOn"]),
    deletionPolicy: value["DeletionPolicy"],
    updateReplacePolicy: value["UpdateReplacePolicy"],
    metadata: value["Metadata"],
  };
};

const readDependsOn = (value: Json | undefined): string[] => {
  if (value === undefined) return [];
  const names = isList(value) ? value : [value];
  return names.map((name) => {
    if (typeof name !== "string") throw templateFormatError("DependsOn must be a string or list of strings.");
    return name;
  });
};

const readOutput = (name: string, value: Json): TemplateOutput => {
  if (!isObject(value) || value["Value"] === undefined) throw templateFormatError("Every Outputs member must contain a Value object");
  for (const key of Object.keys(value))
    if (!["Value", "Description", "Export", "Condition"].includes(key)) throw validationError(`Invalid template output property '${key}'`);
  const { Value, Description, Export, Condition } = value;
  if (isList(Value) || (isObject(Value) && functionOf(Value) === undefined))
    throw templateFormatError("Every Value member must be a string.");
  if (Description !== undefined && !isScalar(Description)) throw templateFormatError("Every Description member must be a string.");
  if (Condition !== undefined && typeof Condition !== "string") throw templateFormatError("Every Condition member must be a string.");
  const exportName = member(Export, "Name");
  if (Export !== undefined && exportName === undefined) throw malformedExport(name);
  return { name, value: Value ?? null, description: asText(Description), exportName, condition: Condition };
};

export const malformedExport = (output: string) =>
  templateFormatError(
    `Output ${output} is malformed. The Name field of every Export member must be specified and consist only of alphanumeric characters, colons, or hyphens.`,
  );

/** `Retain`, `Delete`, … of a resource; only the language extensions let it be a function, which is resolved before. */
export const readPolicy = (
  attribute: "DeletionPolicy" | "UpdateReplacePolicy",
  value: Json | undefined,
  logicalId: string,
): Exclude<Policy, "Snapshot"> => {
  if (value === undefined) return "Delete";
  if (typeof value !== "string") throw templateFormatError(`Every ${attribute} member must be a string.`);
  if (value === "Retain" || value === "Delete") return value;
  if (value === "RetainExceptOnCreate" && attribute === "DeletionPolicy") return value;
  if (value === "Snapshot")
    throw templateError(`${attribute} Snapshot is not supported for resource ${logicalId}: its type has no snapshots.`);
  throw templateFormatError(`Unrecognized ${attribute} ${value} for resource ${logicalId}`);
};
