import { actionOf } from "./optimised-actions.ts";
import type { Action } from "./optimised-actions.ts";

export type Optimised = {
  /** What begins the names of its errors. */
  prefix: string;
  /** `Service` in the causes of errors. */
  called: string;
  /** The error for what the service has no name for. */
  general: string;
  /** The service by its name in `aws-sdk:` resources; none, if what is called is no service's operation. */
  service: string | undefined;
};

const optimised = (prefix: string, called: string, service: string | undefined, general = `${called}Exception`): Optimised => ({
  prefix,
  called,
  general,
  service,
});

/** The integrations that AWS has made by hand, with the names of its older SDK for Java. */
const services = new Map<string, Optimised>(
  Object.entries({
    apigateway: optimised("ApiGateway", "ApiGateway", undefined),
    athena: optimised("Athena", "AmazonAthena", "athena"),
    batch: optimised("Batch", "AWSBatch", "batch"),
    bedrock: optimised("Bedrock", "AmazonBedrock", "bedrockruntime"),
    bedrockagentcore: optimised("BedrockAgentCore", "BedrockAgentCore", "bedrockagentcore"),
    codebuild: optimised("CodeBuild", "AWSCodeBuild", "codebuild"),
    databrew: optimised("DataBrew", "AWSGlueDataBrew", "databrew"),
    dynamodb: optimised("DynamoDB", "AmazonDynamoDBv2", "dynamodb", "AmazonDynamoDBException"),
    ecs: optimised("ECS", "AmazonECS", "ecs"),
    eks: optimised("EKS", "AmazonEKS", "eks"),
    elasticmapreduce: optimised("ElasticMapReduce", "AmazonElasticMapReduce", "emr"),
    "emr-containers": optimised("EMRContainers", "AmazonEMRContainers", "emrcontainers"),
    "emr-serverless": optimised("EMRServerless", "AWSEMRServerless", "emrserverless"),
    events: optimised("EventBridge", "AmazonEventBridge", "eventbridge"),
    glue: optimised("Glue", "AWSGlue", "glue"),
    http: optimised("Http", "Http", undefined),
    lambda: optimised("Lambda", "Lambda", "lambda", "AWSLambdaException"),
    mediaconvert: optimised("MediaConvert", "AWSMediaConvert", "mediaconvert"),
    sagemaker: optimised("SageMaker", "AmazonSageMaker", "sagemaker"),
    sns: optimised("SNS", "AmazonSNS", "sns"),
    sqs: optimised("SQS", "AmazonSQS", "sqs"),
    states: optimised("StepFunctions", "AWSStepFunctions", "sfn"),
  }),
);

/** An integration and what it does; `undefined` if AWS has none of that name. */
export const findOptimised = (service: string, name: string): (Optimised & Action) | undefined => {
  const [found, does] = [services.get(service), actionOf(service, name)];
  return found && does && { ...found, ...does };
};
