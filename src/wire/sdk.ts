/** The SDK module of each service by its name here: types only, so nothing is loaded. */
export type SdkModules = {
  cloudformation: typeof import("@aws-sdk/client-cloudformation");
  ecr: typeof import("@aws-sdk/client-ecr");
  ecs: typeof import("@aws-sdk/client-ecs");
  iam: typeof import("@aws-sdk/client-iam");
  lambda: typeof import("@aws-sdk/client-lambda");
  logs: typeof import("@aws-sdk/client-cloudwatch-logs");
  s3: typeof import("@aws-sdk/client-s3");
  sfn: typeof import("@aws-sdk/client-sfn");
  sts: typeof import("@aws-sdk/client-sts");
};

export type ServiceName = keyof SdkModules;
