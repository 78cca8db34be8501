import type { ServiceDefinition } from "../service.ts";

export const ecs: ServiceDefinition = {
  binding: {
    name: "ecs",
    signingNames: ["ecs"],
    hostNames: ["ecs"],
    protocols: ["awsJson1_1", "rpcv2Cbor"],
    targetPrefix: "AmazonEC2ContainerServiceV20141113",
    validationCode: "InvalidParameterException",
  },
  sdk: () => import("@aws-sdk/client-ecs"),
  open: async () => (await import("./open.ts")).openEcs,
  // Tasks that run are adopted at a start, whether anybody asks for them or not.
  wakes: true,
};
