import { handlersOf } from "../service.ts";
import type { OpenService } from "../service.ts";
import { newBucketRows } from "./bucket-rows.ts";
import { newConfigurationRows } from "./configuration-rows.ts";
import { newCrossOrigin } from "./cors.ts";
import { forgetAll } from "./forget-all.ts";
import { newLifecycleLoop } from "./loops/apply-lifecycles.ts";
import { newNotificationDeliverer } from "./loops/deliver-notifications.ts";
import { migrations } from "./migrations/all.ts";
import { newObjectRows } from "./object-rows.ts";
import { bucketOperations, objectOperations } from "./operations.ts";
import type { S3Context } from "./s3.ts";
import { resourceTypes } from "./template-resources.ts";
import { newUploadRows } from "./upload-rows.ts";

export const openS3: OpenService = async ({ store, callAs, now, newId, loops }) => {
  await store.migrate("s3", migrations);
  const context = {
    store,
    buckets: newBucketRows(store),
    objects: newObjectRows(store),
    uploads: newUploadRows(store),
    configurations: newConfigurationRows(store),
  };
  const delivery = store.outbox.deliver(newNotificationDeliverer({ ...context, callAs, now }));
  loops.add(newLifecycleLoop({ ...context, now, newId }));
  return {
    operations: handlersOf<"s3", S3Context>()({ ...bucketOperations, ...objectOperations }),
    resourceTypes,
    context,
    crossOrigin: newCrossOrigin(context.configurations),
    reset: () => forgetAll(context),
    close: async () => delivery[Symbol.dispose](),
  };
};
