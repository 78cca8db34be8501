import type { EncryptionConfiguration, LoggingConfiguration, TracingConfiguration } from "@aws-sdk/client-sfn";
import { invalidEncryption, invalidLogging, invalidRole, invalidTracing } from "./faults.ts";
import type { Settings } from "./machine-rows.ts";

export const checkRole = (roleArn: string): void => {
  if (!/^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/.test(roleArn)) throw invalidRole(roleArn);
};

type Asked = {
  loggingConfiguration?: LoggingConfiguration | undefined;
  tracingConfiguration?: TracingConfiguration | undefined;
  encryptionConfiguration?: EncryptionConfiguration | undefined;
};

/** The settings that a call asks for, checked and always written alike: what says the default is what says nothing. */
export const settingsOf = ({ loggingConfiguration, tracingConfiguration, encryptionConfiguration }: Asked): Settings => ({
  logging: loggingConfiguration && loggingOf(loggingConfiguration),
  tracing: tracingConfiguration && tracingOf(tracingConfiguration),
  encryption: encryptionConfiguration && encryptionOf(encryptionConfiguration),
});

const loggingOf = ({ level = "OFF", includeExecutionData = false, destinations = [] }: LoggingConfiguration): LoggingConfiguration => {
  const [destination, ...others] = destinations;
  if (others.length > 0 || (level !== "OFF" && !destination)) throw invalidLogging("Must specify exactly one Log Destination.");
  const arn = destination?.cloudWatchLogsLogGroup?.logGroupArn;
  if (destination && !/^arn:[^:]+:logs:[^:]+:\d{12}:log-group:[^:*]+(:\*)?$/.test(arn ?? ""))
    throw invalidLogging(`Log Destination is not a log group: ${arn ?? "null"}`);
  if (destination && !arn?.endsWith(":*")) throw invalidLogging("Log Group ARN must be provided with '*' qualifier.");
  return { level, includeExecutionData, ...(destination ? { destinations: [destination] } : {}) };
};

const tracingOf = ({ enabled }: TracingConfiguration): TracingConfiguration => {
  if (enabled === undefined) throw invalidTracing("enabled must be set to true or false.");
  return { enabled };
};

/** Kept and told; nothing is encrypted with the key. */
export const encryptionOf = ({
  type,
  kmsKeyId,
  kmsDataKeyReusePeriodSeconds: seconds,
}: EncryptionConfiguration): EncryptionConfiguration => {
  if (type === "AWS_OWNED_KEY") {
    if (kmsKeyId !== undefined || seconds !== undefined)
      throw invalidEncryption("kmsKeyId and kmsDataKeyReusePeriodSeconds must be null when type is AWS_OWNED_KEY.");
    return { type };
  }
  if (kmsKeyId === undefined) throw invalidEncryption("kmsKeyId must not be null when type is CUSTOMER_MANAGED_KMS_KEY.");
  return { kmsKeyId, ...(seconds === undefined ? {} : { kmsDataKeyReusePeriodSeconds: seconds }), type };
};

const plain = {
  logging: { level: "OFF", includeExecutionData: false },
  tracing: { enabled: false },
  encryption: { type: "AWS_OWNED_KEY" },
} as const satisfies Settings;

/** Settings with the defaults of what is not set. */
export const wholeSettings = ({ logging, tracing, encryption }: Settings) => ({
  logging: logging ?? plain.logging,
  tracing: tracing ?? plain.tracing,
  encryption: encryption ?? plain.encryption,
});
