import { Fault } from "#wire/fault.ts";
import { invalidArn } from "./faults.ts";
import type { Settings } from "./machine-rows.ts";

export const checkRole = (roleArn: string): void => {
  if (!/^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/.test(roleArn)) throw invalidArn(`Invalid role ARN: ${roleArn}`);
};

export const checkSettings = ({ logging }: Settings): void => {
  if (logging?.level === undefined || logging.level === "OFF") return;
  if ((logging.destinations ?? []).length !== 1)
    throw new Fault("InvalidLoggingConfiguration", "Invalid Logging Configuration: Must specify exactly one Log Destination.");
};
