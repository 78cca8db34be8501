export type SfnTables = {
  sfn_machines: {
    arn: string;
    account: string;
    region: string;
    name: string;
    type: "STANDARD" | "EXPRESS";
    revision_id: string;
    created_at: number;
    last_version: number;
    tags: string;
    /** What a state machine was to be published as when it was created, as JSON; null of those that were created before this was kept. */
    first_version: string | null;
  };
  sfn_revisions: {
    revision_id: string;
    machine_arn: string;
    definition: string;
    role_arn: string;
    settings: string;
    created_at: number;
  };
  sfn_versions: { machine_arn: string; number: number; revision_id: string; description: string | null; created_at: number };
  sfn_aliases: {
    machine_arn: string;
    name: string;
    routing: string;
    description: string | null;
    created_at: number;
    updated_at: number;
  };
  sfn_executions: {
    arn: string;
    account: string;
    machine_arn: string;
    revision_id: string;
    name: string;
    status: string;
    started_at: number;
    stopped_at: number | null;
    redrive_count: number;
    redriven_at: number | null;
    trace_header: string | null;
    /** The version and the alias that it was started by. */
    version_arn: string | null;
    alias_arn: string | null;
    state: string;
    wake_at: number | null;
    pending: number;
    /** Commits so far. */
    step: number;
    /** Children of a map run only: the run, the first of their items by its index, and how many. */
    map_run_arn: string | null;
    first_item: number | null;
    item_count: number | null;
  };
  sfn_map_runs: {
    arn: string;
    execution_arn: string;
    task_key: string;
    revision_id: string;
    label: string;
    spec: string;
    status: string;
    started_at: number;
    stopped_at: number | null;
    redrive_count: number;
    redriven_at: number | null;
    max_concurrency: number;
    tolerated_failure_count: number | null;
    tolerated_failure_percentage: number | null;
    /** Of the object that the dataset is in: one that has changed cannot be gone on with. */
    dataset_etag: string | null;
    /** Known of data of the state's own, and when a dataset has been read to its end. */
    total_items: number | null;
    /** 1 when every batch has its child. */
    is_exhausted: number;
    output: string | null;
    error: string | null;
    cause: string | null;
    executions_written: number;
    items_written: number;
    /** 0 until the run has ended, its children too, and its execution has been told. */
    is_settled: number;
  };
  sfn_map_run_counts: { map_run_arn: string; status: string; executions: number; items: number };
  sfn_history: { execution_arn: string; first_id: number; last_id: number; events: string };
  /** What steps changed that is not in the rows of their executions yet: a JSON array of steps. */
  sfn_journal: { number: number; steps: string };
  sfn_tasks: {
    token: string;
    execution_arn: string;
    task_key: string;
    activity_arn: string | null;
    queued_at: number;
    taken: number;
    job: string | null;
  };
  sfn_activities: {
    arn: string;
    account: string;
    region: string;
    name: string;
    created_at: number;
    tags: string;
    encryption: string | null;
  };
};
