import { templateFormatError } from "../faults.ts";
import { activeOutputs } from "./dependencies.ts";
import { asText } from "./json.ts";
import { malformedExport } from "./read-template.ts";
import { resolveValue } from "./resolve.ts";
import type { Scope } from "./scope.ts";
import type { Template } from "./template.ts";

export type Output = { key: string; value: string; description: string | undefined; exportName: string | undefined };

/** The outputs of a stack whose resources are there. */
export const resolveOutputs = (template: Template, scope: Scope): Output[] =>
  activeOutputs(template, scope).map(({ name, value, description, exportName }) => {
    const text = asText(resolveValue(value, scope));
    if (text === undefined) throw templateFormatError("The Value field of every Outputs member must evaluate to a String.");
    return {
      key: name,
      value: text,
      description,
      exportName: exportName === undefined ? undefined : resolveExportName(name, exportName, scope),
    };
  });

const resolveExportName = (output: string, name: Parameters<typeof resolveValue>[0], scope: Scope): string => {
  const text = asText(resolveValue(name, scope));
  if (text === undefined || !/^[\w:.-]{1,255}$/.test(text)) throw malformedExport(output);
  return text;
};
