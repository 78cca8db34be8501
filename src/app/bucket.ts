import { declare } from "./declarations.ts";
import type { BucketDeclaration, Listener } from "./declarations.ts";
import { declareFunction } from "./function.ts";
import type { FunctionSettings } from "./function.ts";
import { reference } from "./reference.ts";
import type { Reference } from "./reference.ts";

/** One object that was written or removed. */
export type BucketEvent = {
  key: string;
  /** Bytes; 0 for an object that was removed. */
  size: number;
  /** ISO 8601. */
  eventTime: string;
  bucketName: string;
};

export type BucketHandler = (args: BucketEvent) => Promise<void> | void;

/** Which keys a handler is called for. */
export type KeyFilter = { keyPrefix?: string; keySuffix?: string };

/** Storage for objects that calls functions when they change. */
export class Bucket {
  readonly name: string;
  /** The bucket's real name. */
  readonly id: Reference;
  readonly #declaration: BucketDeclaration;

  constructor(name: string) {
    this.name = name;
    this.id = reference(name, "name");
    this.#declaration = declare({ kind: "bucket", name, listeners: [] });
  }

  /** Calls `handler` for each object that is written: by a put, a copy or the end of a multipart upload. */
  onPut(name: string, handler: BucketHandler, options: KeyFilter & FunctionSettings = {}): void {
    this.#listen({ functionName: name, event: "s3:ObjectCreated:*" }, handler, options);
  }

  /** Calls `handler` for each object that is removed. */
  onDelete(name: string, handler: BucketHandler, options: KeyFilter & FunctionSettings = {}): void {
    this.#listen({ functionName: name, event: "s3:ObjectRemoved:*" }, handler, options);
  }

  #listen(listener: Listener, handler: BucketHandler, { keyPrefix, keySuffix, ...settings }: KeyFilter & FunctionSettings): void {
    declareFunction(listener.functionName, settings, (event) => handleRecords(event, handler));
    this.#declaration.listeners.push({ ...listener, ...(keyPrefix ? { keyPrefix } : {}), ...(keySuffix ? { keySuffix } : {}) });
  }
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html */
type Notification = {
  Records?: { eventTime: string; s3: { bucket: { name: string }; object: { key: string; size?: number } } }[];
};

const handleRecords = async (event: unknown, handler: BucketHandler): Promise<void> => {
  for (const { eventTime, s3 } of (event as Notification).Records ?? []) {
    // Keys come encoded as in a form: a space is a plus sign.
    const key = decodeURIComponent(s3.object.key.replaceAll("+", " "));
    await handler({ key, size: s3.object.size ?? 0, eventTime, bucketName: s3.bucket.name });
  }
};
