import { AppError } from "../app-error.ts";
import type { Declaration, FunctionDeclaration } from "../declarations.ts";
import { codeAt } from "./assets.ts";
import type { Assets } from "./assets.ts";
import { policies, usedBy } from "./grants.ts";
import { attribute, sub, trust } from "./template.ts";
import type { Resource } from "./template.ts";
import { functionName, referenceVariables, textValues } from "./values.ts";

const retentionDays = 30;

export const functionResources = (
  id: string,
  declaration: FunctionDeclaration,
  { all, assets }: { all: ReadonlyMap<string, Declaration>; assets: Assets },
): Record<string, Resource> => {
  const { name, code, runtime, memoryMib, timeoutSeconds, environment } = declaration;
  const isInline = code.kind === "inline";
  const key = isInline ? assets.appKey : assets.folderKeys[name];
  if (key === undefined) throw new AppError(`function "${name}": its code has not been bundled.`);
  const inline = policies(declaration, all);
  return {
    [`${id}Role`]: {
      Type: "AWS::IAM::Role",
      Properties: {
        AssumeRolePolicyDocument: trust("lambda.amazonaws.com"),
        ManagedPolicyArns: [sub("arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole")],
        ...(inline.length > 0 ? { Policies: inline } : {}),
      },
    },
    // Made before the function, so that it goes with the stack and keeps no line for ever.
    [`${id}Logs`]: {
      Type: "AWS::Logs::LogGroup",
      Properties: { LogGroupName: sub(`/aws/lambda/\${AWS::StackName}-${name}`), RetentionInDays: retentionDays },
    },
    [id]: {
      Type: "AWS::Lambda::Function",
      DependsOn: [`${id}Logs`],
      Properties: {
        FunctionName: functionName(name),
        Runtime: runtime,
        Handler: isInline ? "index.handler" : code.handler,
        Code: codeAt(key),
        Role: attribute(`${id}Role`, "Arn"),
        MemorySize: memoryMib,
        Timeout: timeoutSeconds,
        Environment: {
          Variables: { ...textValues(environment, all), ...referenceVariables(usedBy(declaration, all)), TANDEM_FUNCTION: name },
        },
      },
    },
  };
};
