import type { Json, JsonObject } from "./json.ts";

export type Policy = "Delete" | "Retain" | "RetainExceptOnCreate" | "Snapshot";

export type ParameterDeclaration = {
  name: string;
  type: string;
  default: string | undefined;
  noEcho: boolean;
  description: string | undefined;
  constraintDescription: string | undefined;
  allowedValues: readonly string[] | undefined;
  allowedPattern: string | undefined;
  minLength: number | undefined;
  maxLength: number | undefined;
  minValue: number | undefined;
  maxValue: number | undefined;
};

export type TemplateResource = {
  logicalId: string;
  type: string;
  properties: JsonObject;
  dependsOn: readonly string[];
  condition: string | undefined;
  deletionPolicy: Json | undefined;
  updateReplacePolicy: Json | undefined;
  metadata: Json | undefined;
};

export type TemplateOutput = {
  name: string;
  value: Json;
  description: string | undefined;
  exportName: Json | undefined;
  condition: string | undefined;
};

/** A template, its sections read and their form checked; what its functions refer to is checked apart. */
export type Template = {
  description: string | undefined;
  version: string | undefined;
  metadata: Json | undefined;
  transforms: readonly string[];
  parameters: ReadonlyMap<string, ParameterDeclaration>;
  mappings: ReadonlyMap<string, Json>;
  conditions: ReadonlyMap<string, Json>;
  resources: ReadonlyMap<string, TemplateResource>;
  outputs: ReadonlyMap<string, TemplateOutput>;
};

export const languageExtensions = "AWS::LanguageExtensions";
