import type { ProtocolName } from "../model.ts";
import { awsJson } from "./aws-json.ts";
import type { Protocol } from "./protocol.ts";
import { awsQuery, ec2Query } from "./query.ts";
import { restJson } from "./rest-json.ts";
import { restXml } from "./rest-xml.ts";
import { rpcV2Cbor } from "./cbor.ts";

export const protocols: Readonly<Record<ProtocolName, Protocol>> = {
  awsJson1_0: awsJson("1.0"),
  awsJson1_1: awsJson("1.1"),
  awsQuery,
  ec2Query,
  restJson1: restJson,
  restXml,
  rpcv2Cbor: rpcV2Cbor,
};
