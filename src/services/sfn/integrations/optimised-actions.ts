/** How the end of a task may be awaited besides by the answer itself. */
type Waits = "sync" | "sync:2" | "token";

/** What an integration that AWS has made by hand does. */
export type Action = {
  waits: readonly Waits[];
  /** The parameters that it takes and, in `required`, must have; unlisted: those of the operation. */
  fields?: readonly string[];
  required?: readonly string[];
};

const action = (waits: string, fields?: string): Action => {
  const names = fields?.split(" ");
  const all = names?.map((name) => name.replace("!", ""));
  const required = names?.filter((name) => name.endsWith("!")).map((name) => name.slice(0, -1));
  return { waits: waits.split(" ").filter(Boolean) as Waits[], ...(all && required ? { fields: all, required } : {}) };
};

const answered = action("");
const job = action("sync");

const http = "ApiEndpoint! Method! Headers QueryParameters RequestBody";
const runTask =
  "TaskDefinition! CapacityProviderStrategy Cluster EnableECSManagedTags EnableExecuteCommand Group LaunchType NetworkConfiguration Overrides " +
  "PlacementConstraints PlacementStrategy PlatformVersion PropagateTags ReferenceId Tags VolumeConfigurations";

/** https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html and the pages of each; a `!` marks what is required. */
const actions = new Map<string, Readonly<Record<string, Action>>>(
  Object.entries({
    apigateway: { invoke: action("token", `${http} Stage Path AuthType`) },
    athena: { startQueryExecution: job, stopQueryExecution: answered, getQueryExecution: answered, getQueryResults: answered },
    batch: { submitJob: job },
    bedrock: { invokeModel: action("token"), createModelCustomizationJob: job },
    bedrockagentcore: { invokeHarness: answered },
    codebuild: {
      startBuild: job,
      stopBuild: answered,
      batchDeleteBuilds: answered,
      batchGetReports: answered,
      startBuildBatch: job,
      stopBuildBatch: answered,
      retryBuildBatch: job,
      deleteBuildBatch: answered,
    },
    databrew: { startJobRun: job },
    dynamodb: { getItem: answered, putItem: answered, deleteItem: answered, updateItem: answered },
    ecs: { runTask: action("sync token", runTask) },
    eks: {
      call: action("token"),
      runJob: action("sync token"),
      createCluster: job,
      deleteCluster: job,
      createNodegroup: job,
      deleteNodegroup: job,
      createFargateProfile: job,
      deleteFargateProfile: job,
    },
    elasticmapreduce: {
      addStep: job,
      cancelStep: answered,
      createCluster: job,
      modifyInstanceFleetByName: answered,
      modifyInstanceGroupByName: answered,
      setClusterTerminationProtection: answered,
      terminateCluster: job,
    },
    "emr-containers": { createVirtualCluster: answered, deleteVirtualCluster: job, startJobRun: job },
    "emr-serverless": {
      createApplication: job,
      startApplication: job,
      stopApplication: job,
      deleteApplication: job,
      startJobRun: job,
      cancelJobRun: job,
    },
    events: { putEvents: action("token", "Entries!") },
    glue: { startJobRun: job },
    http: { invoke: action("", `${http} Authentication InvocationConfig Transform`) },
    lambda: { invoke: action("token", "FunctionName! Payload ClientContext InvocationType Qualifier") },
    mediaconvert: { createJob: job },
    sagemaker: {
      createEndpoint: answered,
      createEndpointConfig: answered,
      createHyperParameterTuningJob: job,
      createLabelingJob: job,
      createModel: answered,
      createProcessingJob: job,
      createTrainingJob: job,
      createTransformJob: job,
      updateEndpoint: answered,
    },
    sns: {
      publish: action(
        "token",
        "Message! MessageAttributes MessageDeduplicationId MessageGroupId MessageStructure PhoneNumber Subject TargetArn TopicArn",
      ),
    },
    sqs: {
      sendMessage: action("token", "QueueUrl! MessageBody! DelaySeconds MessageAttributes MessageDeduplicationId MessageGroupId"),
    },
    states: { startExecution: action("sync sync:2 token", "StateMachineArn! Input Name") },
  }),
);

/** An action of an integration, if AWS has it. */
export const actionOf = (service: string, name: string): Action | undefined => {
  const found = actions.get(service);
  return found && Object.hasOwn(found, name) ? found[name] : undefined;
};
