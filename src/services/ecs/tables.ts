type Scoped = { account: string; region: string };

/** The service's rows, as the database has them; `wanted`, `observed`, `stop`, `settings`, `definition` and `tags` hold JSON. */
export type Tables = {
  ecs_clusters: Scoped & { name: string; status: string; settings: string; tags: string };
  ecs_families: Scoped & { family: string; last_revision: number };
  ecs_task_definitions: Scoped & {
    family: string;
    revision: number;
    status: string;
    registered_at: number;
    deregistered_at: number | null;
    definition: string;
    tags: string;
  };
  ecs_tasks: Scoped & {
    id: string;
    cluster: string;
    family: string;
    task_group: string;
    started_by: string | null;
    launch_type: string;
    created_at: number;
    stopped_at: number | null;
    last_status: string;
    desired_status: string;
    is_placed: number;
    cpu_units: number;
    memory_bytes: number;
    version: number;
    credentials_id: string;
    metadata_id: string;
    stop: string | null;
    tags: string;
    wanted: string;
    observed: string;
  };
  ecs_run_tokens: Scoped & { cluster: string; token: string; request_hash: string; task_ids: string; used_at: number };
  ecs_log_positions: { task_id: string; container: string; position: string | null; sending: string | null };
  ecs_settings: Scoped & { principal: string; name: string; value: string };
};
