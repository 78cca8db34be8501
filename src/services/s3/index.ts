import type { ServiceDefinition } from "../service.ts";

export const s3: ServiceDefinition = {
  binding: {
    name: "s3",
    signingNames: ["s3", "s3express"],
    hostNames: ["s3"],
    protocols: ["restXml"],
    xmlNamespace: "http://s3.amazonaws.com/doc/2006-03-01/",
    isS3: true,
    validationCode: "MalformedXML",
    validationMessage: "The XML you provided was not well-formed or did not validate against our published schema",
  },
  sdk: () => import("@aws-sdk/client-s3"),
  open: async () => (await import("./open.ts")).openS3,
  // Notifications go on after a restart.
  wakes: true,
};
