import { AppError } from "../app-error.ts";
import type { Declaration, TaskDeclaration } from "../declarations.ts";
import { imageAt } from "./assets.ts";
import type { Assets } from "./assets.ts";
import { fargateSize } from "./fargate-size.ts";
import { policies } from "./grants.ts";
import { attribute, ref, sub, trust } from "./template.ts";
import type { Json, Resource } from "./template.ts";
import { textValues } from "./values.ts";

const retentionDays = 30;
/** Half a core: with a quarter, programs that are written in scripting languages take seconds to begin. */
const defaultCpuUnits = 512;
const defaultMemoryMib = 512;

const imageOf = ({ name, image }: TaskDeclaration, assets: Assets): Json => {
  if (image.kind === "image") return image.reference;
  const built = assets.images[name];
  if (!built) throw new AppError(`task "${name}": its image has not been built.`);
  return imageAt(built);
};

export const taskResources = (
  id: string,
  declaration: TaskDeclaration,
  { all, assets }: { all: ReadonlyMap<string, Declaration>; assets: Assets },
): Record<string, Resource> => {
  const { name, command, environment, memoryMib, memoryReservationMib } = declaration;
  const wantedMib = memoryMib ?? memoryReservationMib ?? defaultMemoryMib;
  const size = fargateSize(name, declaration.cpuUnits ?? defaultCpuUnits, wantedMib);
  const inline = policies(declaration, all);
  const container: Json = {
    Name: name,
    Image: imageOf(declaration, assets),
    Essential: true,
    ...(command ? { Command: command } : {}),
    ...(memoryMib === undefined ? {} : { Memory: memoryMib }),
    ...(memoryReservationMib === undefined ? {} : { MemoryReservation: memoryReservationMib }),
    Environment: Object.entries(textValues(environment, all)).map(([key, value]) => ({ Name: key, Value: value })),
    LogConfiguration: {
      LogDriver: "awslogs",
      Options: { "awslogs-group": ref(`${id}Logs`), "awslogs-region": ref("AWS::Region"), "awslogs-stream-prefix": "task" },
    },
  };
  return {
    [`${id}Logs`]: {
      Type: "AWS::Logs::LogGroup",
      Properties: { LogGroupName: sub(`/ecs/\${AWS::StackName}-${name}`), RetentionInDays: retentionDays },
    },
    [`${id}Role`]: {
      Type: "AWS::IAM::Role",
      Properties: { AssumeRolePolicyDocument: trust("ecs-tasks.amazonaws.com"), ...(inline.length > 0 ? { Policies: inline } : {}) },
    },
    [`${id}ExecutionRole`]: {
      Type: "AWS::IAM::Role",
      Properties: {
        AssumeRolePolicyDocument: trust("ecs-tasks.amazonaws.com"),
        ManagedPolicyArns: [sub("arn:${AWS::Partition}:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy")],
      },
    },
    [id]: {
      Type: "AWS::ECS::TaskDefinition",
      Properties: {
        Family: sub(`\${AWS::StackName}-${name}`),
        RequiresCompatibilities: ["FARGATE"],
        NetworkMode: "awsvpc",
        Cpu: String(size.cpuUnits),
        Memory: String(size.memoryMib),
        TaskRoleArn: attribute(`${id}Role`, "Arn"),
        ExecutionRoleArn: attribute(`${id}ExecutionRole`, "Arn"),
        ContainerDefinitions: [container],
      },
    },
  };
};
