import type { CloudFormationContext, Desired, Stack } from "./cloudformation.ts";
import { unsupported } from "./faults.ts";
import { loadTemplate } from "./load-template.ts";
import { fillIn, surroundingsOf } from "./open-template.ts";
import type { OpenTemplate } from "./open-template.ts";
import { checkCapabilities } from "./template/capabilities.ts";
import { checkActive, checkTemplate } from "./template/check-template.ts";
import type { GivenValues } from "./template/expand-loops.ts";
import { parseTemplateText } from "./template/parse-text.ts";
import { chooseValues } from "./template/parameter-values.ts";
import type { GivenParameter } from "./template/parameter-values.ts";
import { readTemplate } from "./template/read-template.ts";
import { templateScope } from "./template/scope.ts";
import type { Template } from "./template/template.ts";

/** What requests that bring a template have in common. */
export type TemplateRequest = Parameters<typeof loadTemplate>[0] & {
  Parameters?: readonly GivenParameter[] | undefined;
  Capabilities?: Desired["capabilities"] | undefined;
  Tags?: Desired["tags"] | undefined;
};

export type Prepared = { desired: Desired; open: OpenTemplate; noEcho: string[] };

/** Parses a template and checks what does not depend on parameters. */
export const readChecked = async (
  templateBody: string,
  { types }: Pick<CloudFormationContext, "types">,
  given: GivenValues = {},
): Promise<Template> => {
  const template = readTemplate(parseTemplateText(templateBody), given);
  const known = await types();
  checkTemplate(template, (type) => known.get(type));
  return template;
};

/** Loads, fills in and checks the template of a request, against a stack's last one where there is one. */
export const prepareTemplate = async (
  input: TemplateRequest,
  context: CloudFormationContext,
  { stack, previous }: { stack: Pick<Stack, "stackId" | "name" | "account" | "region">; previous: Desired | undefined },
): Promise<Prepared> => {
  const templateBody = await loadTemplate(input, previous?.templateBody, context);
  const template = await readChecked(templateBody, context, givenValues(input.Parameters ?? [], previous));
  const values = chooseValues(template, input.Parameters ?? [], previous?.values);
  const scope = { ...templateScope(template, values, surroundingsOf(stack)), exports: await context.exports.values(context) };
  checkActive(template, scope);
  const capabilities = input.Capabilities ?? [];
  checkCapabilities(template, capabilities);
  const noEcho = [...template.parameters.values()].filter((parameter) => parameter.noEcho).map(({ name }) => name);
  return {
    desired: { templateBody, values, capabilities, tags: input.Tags ?? previous?.tags ?? [] },
    open: fillIn(template, scope),
    noEcho,
  };
};

const givenValues = (parameters: readonly GivenParameter[], previous: Desired | undefined): GivenValues =>
  Object.fromEntries(
    parameters.flatMap(({ ParameterKey = "", ParameterValue, UsePreviousValue }) => {
      const value = UsePreviousValue === true ? previous?.values[ParameterKey] : ParameterValue;
      return value === undefined ? [] : [[ParameterKey, value]];
    }),
  );

type Refusable = {
  StackPolicyBody?: unknown;
  StackPolicyURL?: unknown;
  StackPolicyDuringUpdateBody?: unknown;
  StackPolicyDuringUpdateURL?: unknown;
  ResourceTypes?: readonly unknown[] | undefined;
  NotificationARNs?: readonly unknown[] | undefined;
  ResourcesToImport?: readonly unknown[] | undefined;
  ImportExistingResources?: boolean | undefined;
  RollbackConfiguration?: { RollbackTriggers?: readonly unknown[] | undefined } | undefined;
  RetainExceptOnCreate?: boolean | undefined;
  DeploymentConfig?: unknown;
  DeploymentMode?: unknown;
};

/** Refuses by name what a request asks for and this engine does not do: nothing is ignored in silence. */
export const refuseUnsupported = (input: Refusable): void => {
  const single = [
    "StackPolicyBody",
    "StackPolicyURL",
    "StackPolicyDuringUpdateBody",
    "StackPolicyDuringUpdateURL",
    "DeploymentConfig",
    "DeploymentMode",
  ] as const;
  for (const name of single) if (input[name] !== undefined) throw unsupported(name);
  for (const name of ["ResourceTypes", "NotificationARNs", "ResourcesToImport"] as const)
    if ((input[name]?.length ?? 0) > 0) throw unsupported(name);
  if (input.ImportExistingResources === true) throw unsupported("ImportExistingResources");
  if (input.RetainExceptOnCreate === true) throw unsupported("RetainExceptOnCreate");
  if ((input.RollbackConfiguration?.RollbackTriggers?.length ?? 0) > 0) throw unsupported("RollbackTriggers");
};
