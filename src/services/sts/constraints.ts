import type { Constraints } from "#wire/check.ts";

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html and its siblings. */
export const constraints: Readonly<Record<string, Constraints>> = {
  AssumeRole: {
    RoleArn: { minLength: 20, maxLength: 2048 },
    RoleSessionName: { minLength: 2, maxLength: 64, pattern: /^[\w+=,.@-]*$/ },
    DurationSeconds: { min: 900, max: 43_200 },
    ExternalId: { minLength: 2, maxLength: 1224 },
  },
  GetSessionToken: { DurationSeconds: { min: 900, max: 129_600 } },
  GetAccessKeyInfo: { AccessKeyId: { minLength: 16, maxLength: 128, pattern: /^[\w]*$/ } },
};
