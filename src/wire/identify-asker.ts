import type { IncomingMessage, ServerResponse } from "node:http";
import { collectBytes } from "./body.ts";
import type { Caller, FindCredentials } from "./context.ts";
import { Fault } from "./fault.ts";
import { defaultRegion, identify, payloadHashOf } from "./identity.ts";
import { toWireRequest } from "./read-request.ts";
import { parseSignature } from "./signature.ts";

/** Who asks at a path that is no AWS operation's, and of which region: known by the signature, as for operations. @throws Fault */
export type IdentifyAsker = (request: IncomingMessage, response: ServerResponse) => Promise<{ caller: Caller; region: string }>;

/** An asker's body is its question at most. */
const maxBodyBytes = 64 * 1024;

/** With `auth` the signature must be there, right, and for the service whose path it is. */
export const newIdentifier =
  ({ auth, find, now }: { auth: boolean; find: FindCredentials; now: () => number }, signingNames: readonly string[]): IdentifyAsker =>
  async (incoming, outgoing) => {
    const request = toWireRequest(incoming, outgoing);
    const signature = parseSignature(request);
    const payloadHash = () => payloadHashOf(request, signature, () => collectBytes(request.body, maxBodyBytes));
    const { caller } = await identify(request, signature, { auth, find, now: now(), payloadHash });
    if (auth && !signingNames.includes(signature?.service ?? ""))
      throw new Fault("SignatureDoesNotMatch", `Credential should be scoped to correct service: '${signingNames[0]}'.`, 403);
    return { caller, region: signature?.region || defaultRegion };
  };
