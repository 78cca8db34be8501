import { AppError } from "../app-error.ts";
import type { Declaration, StateMachineDeclaration } from "../declarations.ts";
import { splitReferences } from "../reference.ts";
import { machineStatements } from "./machine-grants.ts";
import { attribute, sub, trust } from "./template.ts";
import type { Json, Resource } from "./template.ts";
import { attributeValue } from "./values.ts";

const retentionDays = 30;

/** The definition's text with `${Id_attribute}` for each reference, and what the template puts in its place. */
const substituted = (definition: Json, all: ReadonlyMap<string, Declaration>): { text: string; substitutions: Record<string, Json> } => {
  const substitutions: Record<string, Json> = {};
  const parts = splitReferences(JSON.stringify(definition, undefined, 2)).map((part) => {
    if (typeof part === "string") return part;
    const declaration = all.get(part.id);
    const value = declaration && attributeValue(declaration, part.id, part.attribute);
    if (value === undefined) throw new AppError(`There is no ${part.attribute} of ${part.id} in this app.`);
    const key = `${part.id}_${part.attribute}`;
    substitutions[key] = value;
    return `\${${key}}`;
  });
  return { text: parts.join(""), substitutions };
};

/** The state machine, its role, and its log group if it writes one. */
export const machineResources = (
  id: string,
  declaration: StateMachineDeclaration,
  all: ReadonlyMap<string, Declaration>,
): Record<string, Resource> => {
  const { name, type, logging } = declaration;
  const definition = declaration.definition() as Json;
  const { text, substitutions } = substituted(definition, all);
  const statements = machineStatements(declaration, definition, all);
  const policy = { PolicyName: "resources", PolicyDocument: { Version: "2012-10-17", Statement: statements } };
  return {
    [`${id}Role`]: {
      Type: "AWS::IAM::Role",
      Properties: {
        AssumeRolePolicyDocument: trust("states.amazonaws.com"),
        ...(statements.length > 0 ? { Policies: [policy] } : {}),
      },
    },
    ...(logging && {
      [`${id}Logs`]: {
        Type: "AWS::Logs::LogGroup",
        Properties: { LogGroupName: sub(`/aws/vendedlogs/states/\${AWS::StackName}-${name}`), RetentionInDays: retentionDays },
      },
    }),
    [id]: {
      Type: "AWS::StepFunctions::StateMachine",
      Properties: {
        StateMachineName: sub(`\${AWS::StackName}-${name}`),
        StateMachineType: type,
        RoleArn: attribute(`${id}Role`, "Arn"),
        DefinitionString: text,
        ...(Object.keys(substitutions).length > 0 ? { DefinitionSubstitutions: substitutions } : {}),
        ...(logging && {
          LoggingConfiguration: {
            Level: logging.level,
            IncludeExecutionData: logging.data,
            Destinations: [{ CloudWatchLogsLogGroup: { LogGroupArn: attribute(`${id}Logs`, "Arn") } }],
          },
        }),
      },
    },
  };
};
