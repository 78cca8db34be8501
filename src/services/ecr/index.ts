import type { ServiceDefinition } from "../service.ts";

/** `/v2/` itself, the catalogue, and whatever names a repository: other APIs have paths below `/v2/` too. */
const registryPath = /^\/v2\/?$|^\/v2\/_catalog$|^\/v2\/.+\/(manifests|blobs|tags|referrers)\//;

export const ecr: ServiceDefinition = {
  binding: {
    name: "ecr",
    signingNames: ["ecr"],
    hostNames: ["ecr", "api.ecr"],
    protocols: ["awsJson1_1"],
    targetPrefix: "AmazonEC2ContainerRegistry_V20150921",
    validationCode: "InvalidParameterException",
    // A part of a layer has up to 20 MiB, in base64.
    maxBodyBytes: 32 << 20,
  },
  sdk: () => import("@aws-sdk/client-ecr"),
  open: async () => (await import("./open.ts")).openEcr,
  ownsPath: (path) => registryPath.test(path),
};
