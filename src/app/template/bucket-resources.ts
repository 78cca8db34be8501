import type { BucketDeclaration, Listener } from "../declarations.ts";
import { logicalId } from "../logical-id.ts";
import { attribute, joined, ref, sub } from "./template.ts";
import type { Json, Resource } from "./template.ts";
import { bucketName } from "./values.ts";

const filterOf = ({ keyPrefix, keySuffix }: Listener): Record<string, Json> => {
  const rules = [
    ...(keyPrefix ? [{ Name: "prefix", Value: keyPrefix }] : []),
    ...(keySuffix ? [{ Name: "suffix", Value: keySuffix }] : []),
  ];
  return rules.length > 0 ? { Filter: { S3Key: { Rules: rules } } } : {};
};

const permission = (bucket: string, functionId: string): Resource => ({
  Type: "AWS::Lambda::Permission",
  Properties: {
    Action: "lambda:InvokeFunction",
    FunctionName: ref(functionId),
    Principal: "s3.amazonaws.com",
    SourceAccount: ref("AWS::AccountId"),
    SourceArn: joined("", [sub("arn:${AWS::Partition}:s3:::"), bucketName(bucket)]),
  },
});

/** The bucket, and leave for it to call its functions: S3 asks for that before it takes the notifications. */
export const bucketResources = (id: string, { name, listeners }: BucketDeclaration): Record<string, Resource> => {
  const functions = listeners.map((listener) => ({ listener, functionId: logicalId(listener.functionName) }));
  const permissions = functions.map(({ functionId }) => [`${functionId}Permission`, permission(name, functionId)] as const);
  const notifications = functions.map(({ listener, functionId }) => ({
    Event: listener.event,
    Function: attribute(functionId, "Arn"),
    ...filterOf(listener),
  }));
  return {
    ...Object.fromEntries(permissions),
    [id]: {
      Type: "AWS::S3::Bucket",
      ...(permissions.length > 0 ? { DependsOn: permissions.map(([permissionId]) => permissionId) } : {}),
      Properties: {
        BucketName: bucketName(name),
        ...(notifications.length > 0 ? { NotificationConfiguration: { LambdaConfigurations: notifications } } : {}),
      },
    },
  };
};
