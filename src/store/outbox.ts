import type { Transaction } from "kysely";

/** Something that happened, appended by the transaction that made it happen. */
export type Fact = {
  /** `s3.object-created`, `ecs.task-state-changed`, `ecr.image-pushed` */
  topic: string;
  account: string;
  region: string;
  /** What it happened to: the key under which order matters. */
  subject: string;
  /** Milliseconds since the epoch. */
  at: number;
  detail: unknown;
};

export type RecordedFact = Fact & { id: number };

/** Facts in the order in which they were committed, handed on at least once to each deliverer. */
export type Outbox = {
  /**
   * Whether facts of a topic are for somebody: true from a deliverer's first registration on, and after a restart. What happens very often is told
   * only then; nobody gets facts from before a registration anyway.
   */
  wanted(topic: string): boolean;
  append<Tables>(tx: Transaction<Tables>, facts: readonly Fact[]): Promise<void>;
  /**
   * Reads facts of `topics` in order from where this `name` last stood, and hands them on in batches; the position moves on when `deliver`
   * resolves. When it throws, the same facts come again after a backoff. A new name starts at the end.
   */
  deliver(deliverer: Deliverer): Disposable;
  /** Leaves a trace of one delivery, for "why did nothing happen?". */
  trace(trace: DeliveryTrace): Promise<void>;
  traces(query: { subject?: string; factId?: number; limit: number }): Promise<DeliveryTrace[]>;
  facts(query: { afterId?: number; topic?: string; subject?: string; limit: number }): Promise<RecordedFact[]>;
};

export type Deliverer = {
  name: string;
  /** None means all. */
  topics: readonly string[];
  deliver(facts: readonly RecordedFact[]): Promise<void>;
};

export type DeliveryTrace = {
  factId: number;
  deliverer: string;
  target: string;
  /** `delivered`, `no match: suffix .jpg`, `failed: AccessDenied …` */
  outcome: string;
  at: number;
};
