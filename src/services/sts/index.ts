import type { ServiceDefinition } from "../service.ts";
import { constraints } from "./constraints.ts";

export const sts: ServiceDefinition = {
  binding: {
    name: "sts",
    signingNames: ["sts"],
    hostNames: ["sts"],
    protocols: ["awsQuery"],
    apiVersion: "2011-06-15",
    xmlNamespace: "https://sts.amazonaws.com/doc/2011-06-15/",
    constraints,
  },
  sdk: () => import("@aws-sdk/client-sts"),
  open: async () => (await import("./open.ts")).openSts,
};
