import { flag, integer, list, map, replacing, required, struct, tags, text } from "../resource-type.ts";

const pair = struct({ Name: text(), Value: text() });
const secret = struct({ Name: required(text()), ValueFrom: required(text()) });

const container = struct({
  Command: list(text()),
  Cpu: integer(),
  DependsOn: list(struct({ Condition: text(), ContainerName: text() })),
  DisableNetworking: flag(),
  DnsSearchDomains: list(text()),
  DnsServers: list(text()),
  DockerLabels: map(text()),
  DockerSecurityOptions: list(text()),
  EntryPoint: list(text()),
  Environment: list(pair),
  EnvironmentFiles: list(struct({ Type: text(), Value: text() })),
  Essential: flag(),
  ExtraHosts: list(struct({ Hostname: text(), IpAddress: text() })),
  HealthCheck: struct({ Command: list(text()), Interval: integer(), Retries: integer(), StartPeriod: integer(), Timeout: integer() }),
  Hostname: text(),
  Image: required(text()),
  Interactive: flag(),
  Links: list(text()),
  LinuxParameters: struct({
    Capabilities: struct({ Add: list(text()), Drop: list(text()) }),
    InitProcessEnabled: flag(),
    MaxSwap: integer(),
    SharedMemorySize: integer(),
    Swappiness: integer(),
    Tmpfs: list(struct({ ContainerPath: text(), MountOptions: list(text()), Size: required(integer()) })),
  }),
  LogConfiguration: struct({ LogDriver: required(text()), Options: map(text()), SecretOptions: list(secret) }),
  Memory: integer(),
  MemoryReservation: integer(),
  MountPoints: list(struct({ ContainerPath: text(), ReadOnly: flag(), SourceVolume: text() })),
  Name: required(text()),
  PortMappings: list(struct({ AppProtocol: text(), ContainerPort: integer(), HostPort: integer(), Name: text(), Protocol: text() })),
  Privileged: flag(),
  PseudoTerminal: flag(),
  ReadonlyRootFilesystem: flag(),
  ResourceRequirements: list(struct({ Type: text(), Value: text() })),
  Secrets: list(secret),
  StartTimeout: integer(),
  StopTimeout: integer(),
  SystemControls: list(struct({ Namespace: text(), Value: text() })),
  Ulimits: list(struct({ HardLimit: required(integer()), Name: required(text()), SoftLimit: required(integer()) })),
  User: text(),
  VolumesFrom: list(struct({ ReadOnly: flag(), SourceContainer: text() })),
  WorkingDirectory: text(),
});

/** A revision never changes: every property but the tags makes a new one. What this cloud can't run is refused by RegisterTaskDefinition, by name. */
export const taskDefinitionProperties = {
  ContainerDefinitions: replacing(list(container)),
  Cpu: replacing(text()),
  EphemeralStorage: replacing(struct({ SizeInGiB: integer() })),
  ExecutionRoleArn: replacing(text()),
  Family: replacing(text()),
  IpcMode: replacing(text()),
  Memory: replacing(text()),
  NetworkMode: replacing(text()),
  PidMode: replacing(text()),
  PlacementConstraints: replacing(list(struct({ Expression: text(), Type: required(text()) }))),
  RequiresCompatibilities: replacing(list(text())),
  RuntimePlatform: replacing(struct({ CpuArchitecture: text(), OperatingSystemFamily: text() })),
  Tags: tags(),
  TaskRoleArn: replacing(text()),
  Volumes: replacing(
    list(
      struct({
        DockerVolumeConfiguration: struct({
          Autoprovision: flag(),
          Driver: text(),
          DriverOpts: map(text()),
          Labels: map(text()),
          Scope: text(),
        }),
        Host: struct({ SourcePath: text() }),
        Name: text(),
      }),
    ),
  ),
};
