import type { PendingTask } from "./execution.ts";

/** What a driver is asked to do for a task that waits. */
export const taskEffect = ({ key, token, resource, input, credentials, timeoutSeconds, heartbeatSeconds }: PendingTask) =>
  ({ kind: "task", key, token, resource, input, credentials, timeoutSeconds, heartbeatSeconds }) as const;
