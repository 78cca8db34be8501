import { Fault } from "#wire/fault.ts";
import type { Template } from "./template.ts";

/** The IAM types, with the property whose presence makes it a named one. */
const iamTypes: Readonly<Record<string, string>> = {
  "AWS::IAM::AccessKey": "",
  "AWS::IAM::Group": "GroupName",
  "AWS::IAM::InstanceProfile": "InstanceProfileName",
  "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
  "AWS::IAM::Policy": "",
  "AWS::IAM::Role": "RoleName",
  "AWS::IAM::User": "UserName",
  "AWS::IAM::UserToGroupAddition": "",
};

export type Requirement = { capability: "CAPABILITY_IAM" | "CAPABILITY_NAMED_IAM"; reason: string };

/** What a template asks its caller to acknowledge; `undefined` for nothing. A template that is transformed wants `CAPABILITY_AUTO_EXPAND` only for macros. */
export const requiredCapability = (template: Template): Requirement | undefined => {
  const resources = [...template.resources.values()].filter(({ type }) => Object.hasOwn(iamTypes, type));
  if (resources.length === 0) return undefined;
  const isNamed = resources.some(({ type, properties }) => Object.hasOwn(properties, iamTypes[type] ?? ""));
  const types = [...new Set(resources.map(({ type }) => type))];
  return {
    capability: isNamed ? "CAPABILITY_NAMED_IAM" : "CAPABILITY_IAM",
    reason: `The following resource(s) require capabilities: [${types.join(", ")}]`,
  };
};

/** @throws Fault `InsufficientCapabilitiesException`: `Requires capabilities : [CAPABILITY_IAM]` */
export const checkCapabilities = (template: Template, given: readonly string[]): void => {
  const required = requiredCapability(template)?.capability;
  if (required === undefined || given.includes(required) || given.includes("CAPABILITY_NAMED_IAM")) return;
  throw new Fault("InsufficientCapabilitiesException", `Requires capabilities : [${required}]`, 400);
};
