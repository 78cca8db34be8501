import type { ServiceDefinition } from "../service.ts";
import { constraints } from "./constraints.ts";

export const iam: ServiceDefinition = {
  binding: {
    name: "iam",
    signingNames: ["iam"],
    hostNames: ["iam"],
    protocols: ["awsQuery"],
    apiVersion: "2010-05-08",
    xmlNamespace: "https://iam.amazonaws.com/doc/2010-05-08/",
    constraints,
  },
  sdk: () => import("@aws-sdk/client-iam"),
  open: async () => (await import("./open.ts")).openIam,
};
