/** The rows of log groups, their streams and their events. */
export type Tables = {
  logs_groups: {
    id: number;
    account: string;
    region: string;
    name: string;
    created_at: number;
    retention_days: number | null;
    group_class: string;
    is_protected: number;
    tags: string;
    stored_bytes: number;
    next_sequence: number;
  };
  logs_streams: {
    id: number;
    group_id: number;
    name: string;
    created_at: number;
    first_event_at: number | null;
    last_event_at: number | null;
    last_ingested_at: number | null;
  };
  logs_events: {
    group_id: number;
    at: number;
    sequence: number;
    stream_id: number;
    ingested_at: number;
    message: string;
  };
};
