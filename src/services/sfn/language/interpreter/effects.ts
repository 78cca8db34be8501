import type { JsonObject } from "../json.ts";
import type { TaskResource } from "../resource.ts";
import type { ExecutionStatus, JsonText } from "./execution.ts";
import type { MapRunSpec } from "./map-run-spec.ts";

/** What the driver must do once the execution is persisted. Doing one twice must be harmless or expected. */
export type Effect =
  | {
      readonly kind: "task";
      readonly key: string;
      readonly resource: TaskResource;
      readonly input: JsonText;
      /** Accepted by SendTaskSuccess, SendTaskFailure and SendTaskHeartbeat. None of a task that its call itself answers. */
      readonly token: string | undefined;
      readonly timeoutSeconds: number | undefined;
      readonly heartbeatSeconds: number | undefined;
      readonly credentials: JsonObject | undefined;
    }
  | { readonly kind: "cancelTask"; readonly key: string }
  | { readonly kind: "mapRun"; readonly key: string; readonly spec: MapRunSpec; readonly redriven: boolean }
  | { readonly kind: "cancelMapRun"; readonly key: string }
  | {
      readonly kind: "finished";
      readonly status: Exclude<ExecutionStatus, "RUNNING">;
      readonly output: JsonText | undefined;
      readonly error: string | undefined;
      readonly cause: string | undefined;
    };
