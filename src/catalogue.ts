import type { ServiceDefinition } from "#services/service.ts";
import { cloudformation } from "#services/cloudformation/index.ts";
import { ecr } from "#services/ecr/index.ts";
import { ecs } from "#services/ecs/index.ts";
import { iam } from "#services/iam/index.ts";
import { lambda } from "#services/lambda/index.ts";
import { logs } from "#services/logs/index.ts";
import { s3 } from "#services/s3/index.ts";
import { sfn } from "#services/sfn/index.ts";
import { sts } from "#services/sts/index.ts";

/** Every service that the cloud has. */
export const catalogue: readonly ServiceDefinition[] = [cloudformation, ecr, ecs, iam, lambda, logs, s3, sfn, sts];
