import type { ServiceDefinition } from "../service.ts";
import { constraints } from "./limits.ts";

export const sfn: ServiceDefinition = {
  binding: {
    name: "sfn",
    signingNames: ["states"],
    hostNames: ["states", "sync-states"],
    protocols: ["awsJson1_0"],
    targetPrefix: "AWSStepFunctions",
    constraints,
  },
  sdk: () => import("@aws-sdk/client-sfn"),
  open: async () => (await import("./open.ts")).openSfn,
  wakes: true,
  ownsPath: (path) => /^\/_tandem\/workflows(?:\/|$)/.test(path),
};
