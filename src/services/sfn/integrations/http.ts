import { isObject } from "../language/json.ts";
import type { Json } from "../language/json.ts";
import type { Job } from "./job.ts";
import { TaskFault } from "./task-fault.ts";

/** `arn:aws:states:::http:invoke`: the cloud has no connections, so none that a task names is there. */
export const invokeEndpoint = async ({ input }: Job): Promise<Json> => {
  const { InvocationConfig, Authentication } = input;
  const { ConnectionArn: arn } = { ...objectOf(Authentication), ...objectOf(InvocationConfig) };
  const [, name = String(arn)] = /:connection\/([^/]+)/.exec(String(arn)) ?? [];
  throw new TaskFault("Events.ConnectionResource.ResourceNotFound", `Connection '${name}' does not exist.`);
};

/** `arn:aws:states:::apigateway:invoke`: no API is there, which API Gateway answers with a refusal. */
export const invokeApi = async (): Promise<Json> => {
  throw new TaskFault("ApiGateway.403", `{"message":"Forbidden"}`);
};

const objectOf = (value: Json | undefined) => (value !== undefined && isObject(value) ? value : {});
