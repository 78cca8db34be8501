import type { CloudFormation, CloudFormationContext } from "./cloudformation.ts";
import { changeSetNotFound, noStack, stackDoesNotExist, unsupported, validationError } from "./faults.ts";
import { loadTemplate } from "./load-template.ts";
import { readChecked } from "./prepare-template.ts";
import { requiredCapability } from "./template/capabilities.ts";
import type { Template } from "./template/template.ts";

export const GetTemplate: CloudFormation["GetTemplate"] = async (input, context) => {
  if (input.ChangeSetName !== undefined) {
    const stack = input.StackName === undefined ? undefined : await context.stacks.find(context, input.StackName);
    const changeSet = await context.changeSets.find(input.ChangeSetName, stack?.stackId);
    if (changeSet === undefined) throw changeSetNotFound(input.ChangeSetName);
    return { TemplateBody: changeSet.desired.templateBody, StagesAvailable: ["Original", "Processed"] };
  }
  if (input.StackName === undefined) throw validationError("StackName is required if ChangeSetName is not specified.");
  const stack = await context.stacks.find(context, input.StackName);
  if (stack === undefined) throw stackDoesNotExist(input.StackName);
  return { TemplateBody: stack.desired.templateBody, StagesAvailable: ["Original", "Processed"] };
};

export const ValidateTemplate: CloudFormation["ValidateTemplate"] = async (input, context) => {
  const template = await readChecked(await loadTemplate(input, undefined, context), context);
  return {
    Description: template.description,
    Parameters: [...template.parameters.values()].map((parameter) => ({
      ParameterKey: parameter.name,
      DefaultValue: parameter.default,
      NoEcho: parameter.noEcho,
      Description: parameter.description,
    })),
    ...capabilitiesOf(template),
    DeclaredTransforms: [...template.transforms],
  };
};

export const GetTemplateSummary: CloudFormation["GetTemplateSummary"] = async (input, context) => {
  if (input.StackSetName !== undefined) throw unsupported("StackSetName");
  const template = await readChecked(await templateOf(input, context), context);
  return {
    Description: template.description,
    Version: template.version,
    Metadata: template.metadata === undefined ? undefined : JSON.stringify(template.metadata),
    Parameters: [...template.parameters.values()].map((parameter) => ({
      ParameterKey: parameter.name,
      DefaultValue: parameter.default,
      ParameterType: parameter.type,
      NoEcho: parameter.noEcho,
      Description: parameter.description,
      ParameterConstraints: { AllowedValues: parameter.allowedValues === undefined ? undefined : [...parameter.allowedValues] },
    })),
    ...capabilitiesOf(template),
    ResourceTypes: [...template.resources.values()].map(({ type }) => type),
    DeclaredTransforms: [...template.transforms],
    ResourceIdentifierSummaries: [],
  };
};

const templateOf = async (input: Parameters<CloudFormation["GetTemplateSummary"]>[0], context: CloudFormationContext): Promise<string> => {
  if (input.StackName === undefined) return loadTemplate(input, undefined, context);
  const stack = await context.stacks.find(context, input.StackName);
  if (stack === undefined) throw noStack(input.StackName);
  return stack.desired.templateBody;
};

const capabilitiesOf = (template: Template) => {
  const required = requiredCapability(template);
  return required === undefined ? {} : { Capabilities: [required.capability], CapabilitiesReason: required.reason };
};
