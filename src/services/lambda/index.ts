import type { ServiceDefinition } from "../service.ts";
import { codePath } from "./code/locations.ts";
import { constraints, limits } from "./limits.ts";

export const lambda: ServiceDefinition = {
  binding: {
    name: "lambda",
    signingNames: ["lambda"],
    hostNames: ["lambda"],
    protocols: ["restJson1"],
    paths: /^\/20\d\d-\d\d-\d\d\/(functions|tags|account-settings)/,
    maxBodyBytes: limits.requestBytes,
    constraints,
  },
  sdk: () => import("@aws-sdk/client-lambda"),
  open: async () => (await import("./open.ts")).openLambda,
  wakes: true,
  ownsPath: (path) => path.startsWith(codePath),
};
