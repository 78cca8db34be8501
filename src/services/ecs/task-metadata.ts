import type { IncomingMessage, ServerResponse } from "node:http";
import type { ContainerDefinition } from "@aws-sdk/client-ecs";
import { clusterArn, containerArn, taskArn } from "./arns.ts";
import type { ContainerRecord, TaskRecord } from "./ecs.ts";
import type { TaskRows } from "./task-rows.ts";
import { metadataLabels } from "./task-spec.ts";

/**
 * Serves what a container may know of itself at `169.254.170.2/v4/<id>`.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4.html
 */
export const serveMetadata =
  ({ tasks }: { tasks: TaskRows }) =>
  async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = (request.url ?? "").split("?", 1)[0] ?? "";
    const [, secret = "", name = "", rest = ""] = /^\/v4\/([0-9a-f-]{36})-([^/]+)(\/.*)?$/.exec(path) ?? [];
    const task = await tasks.findBySecret("metadata", secret);
    const container = task?.wanted.definition.containerDefinitions.find((each) => each.name === name);
    if (!task || !container) return answer(response, 404, "V4 container metadata handler: unable to get container ID from request");
    switch (rest.replace(/\/$/, "")) {
      case "":
        return answer(response, 200, containerMetadata(task, container));
      case "/task":
        return answer(response, 200, taskMetadata(task, []));
      case "/taskWithTags":
        return answer(response, 200, taskMetadata(task, task.tags));
      case "/stats":
      case "/task/stats":
        return answer(response, 501, "Statistics of containers are not implemented.");
      default:
        return answer(response, 404, "404 page not found");
    }
  };

const answer = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
};

const timeOf = (at: number | undefined) => (at === undefined ? undefined : new Date(at).toISOString());

const containerMetadata = (task: TaskRecord, definition: ContainerDefinition) => {
  const name = definition.name ?? "";
  const record: Partial<ContainerRecord> = task.observed.containers.find((each) => each.name === name) ?? {};
  const { logConfiguration } = definition;
  return {
    DockerId: record.runtimeId,
    Name: name,
    DockerName: name,
    Image: definition.image,
    ImageID: record.imageDigest,
    Labels: { ...definition.dockerLabels, ...metadataLabels(task, name) },
    DesiredStatus: task.desiredStatus,
    KnownStatus: record.lastStatus ?? "PENDING",
    Limits: { CPU: definition.cpu ?? 0, ...(definition.memory === undefined ? {} : { Memory: definition.memory }) },
    CreatedAt: timeOf(record.startedAt),
    StartedAt: timeOf(record.startedAt),
    FinishedAt: timeOf(record.finishedAt),
    ExitCode: record.exitCode,
    Type: "NORMAL",
    ...(logConfiguration ? { LogDriver: logConfiguration.logDriver, LogOptions: logConfiguration.options } : {}),
    ContainerARN: containerArn(task, name),
    Networks: [
      {
        NetworkMode: task.wanted.definition.networkMode,
        IPv4Addresses: task.observed.address === undefined ? [] : [task.observed.address],
      },
    ],
  };
};

const taskMetadata = (task: TaskRecord, tags: TaskRecord["tags"]) => {
  const { wanted, observed } = task;
  const limits = { CPU: wanted.need.cpuUnits / 1024, Memory: Math.ceil(wanted.need.memoryBytes / (1 << 20)) };
  return {
    Cluster: clusterArn(task, task.cluster),
    TaskARN: taskArn(task),
    Family: wanted.definition.family,
    Revision: String(wanted.definition.revision),
    DesiredStatus: task.desiredStatus,
    KnownStatus: task.lastStatus,
    ...(wanted.definition.cpu === undefined ? {} : { Limits: limits }),
    PullStartedAt: timeOf(observed.pullStartedAt),
    PullStoppedAt: timeOf(observed.pullStoppedAt),
    AvailabilityZone: `${task.region}a`,
    LaunchType: task.launchType,
    Containers: wanted.definition.containerDefinitions.map((each) => containerMetadata(task, each)),
    ...(tags.length > 0 ? { TaskTags: Object.fromEntries(tags.map(({ key, value }) => [key ?? "", value ?? ""])) } : {}),
  };
};
