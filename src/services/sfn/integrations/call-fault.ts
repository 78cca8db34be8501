import { Fault } from "#wire/fault.ts";
import type { Model } from "#wire/model.ts";
import { TaskFault } from "./task-fault.ts";
import type { Target } from "./target.ts";

export type Refused = {
  target: Target;
  /** The service's schemas, if the cloud has it. */
  model: Model | undefined;
  requestId: string;
  newId: () => string;
};

/** How a task ends whose call was refused: the error by the name that AWS's SDK for Java has for it, and the cause in its words. */
export const callFault = (fault: Fault, refused: Refused): TaskFault => {
  const { target, model } = refused;
  const name = nameOf(fault.code, { target, model });
  return new TaskFault(`${target.prefix}.${name ?? target.general}`, `${fault.message} (${details(fault, refused)})`);
};

/** An error that the service's model has, as a class of Java; what it has not is the service's general error. */
const nameOf = (code: string, { target, model }: Pick<Refused, "target" | "model">): string | undefined => {
  const modelled = renamedIn(target)?.[code] ?? shapeOf(code, model);
  return modelled && `${modelled.replace(/(Exception|Fault)$/, "")}Exception`;
};

const shapeOf = (code: string, model: Model | undefined): string | undefined => {
  const errors = model?.errors;
  if (errors?.has(code)) return code;
  return [...(errors ?? [])].find(([, { queryCode }]) => queryCode === code)?.[0];
};

/** The SDK for Java tells what S3 could not find when a HEAD request's answer has no body to say so. */
const renamedIn = ({ service, operation }: Target): Readonly<Record<string, string>> | undefined =>
  service === "s3" && operation.startsWith("Head") ? { NotFound: operation === "HeadBucket" ? "NoSuchBucket" : "NoSuchKey" } : undefined;

/** The older SDK for Java is behind the integrations that AWS has made by hand, except that of Lambda. */
const details = ({ code, status }: Fault, { target, model, requestId, newId }: Refused): string => {
  const statusCode = status ?? model?.errors.get(shapeOf(code, model) ?? "")?.status ?? 400;
  if (target.kind === "optimised" && target.service !== "lambda")
    return `Service: ${target.called}; Status Code: ${statusCode}; Error Code: ${code}; Request ID: ${requestId}; Proxy: null`;
  const extended = target.service === "s3" ? `, Extended Request ID: ${newId()}` : "";
  return `Service: ${target.called}, Status Code: ${statusCode}, Request ID: ${requestId}${extended}`;
};

/** What a task on a service ends with that the cloud has not. */
export const serviceIsMissing = (service: string) => new Fault("NotImplemented", `The service ${service} is not implemented.`, 501);
