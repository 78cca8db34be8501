import type { ServiceDefinition } from "../service.ts";

export const cloudformation: ServiceDefinition = {
  binding: {
    name: "cloudformation",
    signingNames: ["cloudformation"],
    hostNames: ["cloudformation"],
    protocols: ["awsQuery"],
    apiVersion: "2010-05-15",
    xmlNamespace: "http://cloudformation.amazonaws.com/doc/2010-05-15/",
  },
  sdk: () => import("@aws-sdk/client-cloudformation"),
  open: async () => (await import("./open.ts")).openCloudFormation,
  wakes: true,
};
