/** The rows of functions. */
export type Tables = {
  lambda_functions: {
    account: string;
    region: string;
    name: string;
    next_version: number;
    reserved_concurrency: number | null;
    tags: string;
  };
  lambda_versions: {
    account: string;
    region: string;
    name: string;
    version: string;
    number: number;
    code_digest: string | null;
    configuration: string;
  };
  lambda_aliases: { account: string; region: string; name: string; alias: string; configuration: string };
  lambda_policies: { account: string; region: string; name: string; qualifier: string; statements: string; revision_id: string };
  lambda_events: {
    id: string;
    account: string;
    region: string;
    name: string;
    qualifier: string;
    client_context: string | null;
    payload: Uint8Array;
    attempts: number;
    created_at: number;
    next_at: number;
  };
};
