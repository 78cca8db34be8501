import type { ServiceDefinition } from "../service.ts";
import { constraints } from "./limits.ts";

export const logs: ServiceDefinition = {
  binding: {
    name: "logs",
    signingNames: ["logs"],
    hostNames: ["logs"],
    protocols: ["awsJson1_1"],
    targetPrefix: "Logs_20140328",
    validationCode: "InvalidParameterException",
    constraints,
  },
  sdk: () => import("@aws-sdk/client-cloudwatch-logs"),
  open: async () => (await import("./open.ts")).openLogs,
  wakes: true,
};
