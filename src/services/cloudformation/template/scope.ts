import type { Json } from "./json.ts";
import { typedValue } from "./parameter-values.ts";
import type { ParameterValues } from "./parameter-values.ts";
import { languageExtensions } from "./template.ts";
import type { Template } from "./template.ts";

/** Where a stack is: what the pseudo parameters answer. */
export type Surroundings = {
  region: string;
  accountId: string;
  partition: string;
  urlSuffix: string;
  stackId: string;
  stackName: string;
  notificationArns: readonly string[];
};

/** What a deployed resource answers to `Ref` and `Fn::GetAtt`. */
export type Deployed = { ref: string; attributes: Readonly<Record<string, Json>> };

/** All that intrinsic functions may ask for. */
export type Scope = {
  surroundings: Surroundings;
  /** Values of the parameters: text, or the items of a list. */
  parameters: ReadonlyMap<string, string | readonly string[]>;
  mappings: ReadonlyMap<string, Json>;
  conditions: ReadonlyMap<string, Json>;
  resources: ReadonlyMap<string, Deployed>;
  exports: ReadonlyMap<string, string>;
  zones: (region: string) => readonly string[];
  /** Whether the template declares `AWS::LanguageExtensions`. */
  extended: boolean;
};

/** The scope of a template before any of its resources is there. */
export const templateScope = (template: Template, values: ParameterValues, surroundings: Surroundings): Scope => ({
  surroundings,
  parameters: new Map([...template.parameters].map(([name, declaration]) => [name, typedValue(declaration, values[name] ?? "")])),
  mappings: template.mappings,
  conditions: template.conditions,
  resources: new Map(),
  exports: new Map(),
  zones: (region) => ["a", "b", "c"].map((letter) => `${region}${letter}`),
  extended: template.transforms.includes(languageExtensions),
});

export const pseudoParameters = [
  "AWS::AccountId",
  "AWS::NotificationARNs",
  "AWS::NoValue",
  "AWS::Partition",
  "AWS::Region",
  "AWS::StackId",
  "AWS::StackName",
  "AWS::URLSuffix",
];

export const pseudoValue = (name: string, surroundings: Surroundings): Json | undefined => {
  const values: Record<string, Json> = {
    "AWS::AccountId": surroundings.accountId,
    "AWS::NotificationARNs": surroundings.notificationArns,
    "AWS::Partition": surroundings.partition,
    "AWS::Region": surroundings.region,
    "AWS::StackId": surroundings.stackId,
    "AWS::StackName": surroundings.stackName,
    "AWS::URLSuffix": surroundings.urlSuffix,
  };
  return Object.hasOwn(values, name) ? values[name] : undefined;
};
