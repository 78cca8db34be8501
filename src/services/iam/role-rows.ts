import type { Kysely } from "kysely";
import type { Store } from "#store/store.ts";
import type { Role } from "./iam.ts";

type Tables = {
  iam_roles: { account: string; name: string; lower_name: string; role: string };
  iam_attachments: { account: string; role_name: string; policy_arn: string };
};

export type RoleRows = {
  find(account: string, name: string): Promise<Role | undefined>;
  list(account: string): Promise<Role[]>;
  /** False where the account has a role of that name already, whatever its case. */
  add(role: Role): Promise<boolean>;
  /** Changes the role as it stands in one transaction; undefined when there is none. `change` may throw a fault, and then nothing changes. */
  change(account: string, name: string, change: (role: Role) => Role): Promise<Role | undefined>;
  remove(account: string, name: string, check: (role: Role) => void): Promise<boolean>;
  attachedTo(account: string, policyArn: string): Promise<string[]>;
  clear(): Promise<void>;
};

const select = (db: Kysely<Tables>, account: string, name: string) =>
  db.selectFrom("iam_roles").select("role").where("account", "=", account).where("lower_name", "=", name.toLowerCase()).executeTakeFirst();

const read = (row: { role: string } | undefined) => row && (JSON.parse(row.role) as Role);

export const newRoleRows = (store: Store): RoleRows => ({
  find: async (account, name) => {
    const role = read(await select(store.read<Tables>(), account, name));
    return role?.name === name ? role : undefined;
  },
  list: async (account) =>
    (await store.read<Tables>().selectFrom("iam_roles").select("role").where("account", "=", account).orderBy("name").execute()).map(
      ({ role }) => JSON.parse(role) as Role,
    ),
  add: (role) =>
    store.transaction<Tables, boolean>(async (tx) => {
      if (await select(tx, role.account, role.name)) return false;
      const row = { account: role.account, name: role.name, lower_name: role.name.toLowerCase(), role: JSON.stringify(role) };
      await tx.insertInto("iam_roles").values(row).execute();
      return true;
    }),
  change: (account, name, change) =>
    store.transaction<Tables, Role | undefined>(async (tx) => {
      const before = read(await select(tx, account, name));
      if (!before) return undefined;
      const after = change(before);
      await tx
        .updateTable("iam_roles")
        .set({ role: JSON.stringify(after) })
        .where("account", "=", account)
        .where("name", "=", before.name)
        .execute();
      await tx.deleteFrom("iam_attachments").where("account", "=", account).where("role_name", "=", before.name).execute();
      const attached = after.attachedPolicies.map((arn) => ({ account, role_name: before.name, policy_arn: arn }));
      if (attached.length > 0) await tx.insertInto("iam_attachments").values(attached).execute();
      return after;
    }),
  remove: (account, name, check) =>
    store.transaction<Tables, boolean>(async (tx) => {
      const role = read(await select(tx, account, name));
      if (!role) return false;
      check(role);
      await tx.deleteFrom("iam_roles").where("account", "=", account).where("name", "=", role.name).execute();
      return true;
    }),
  attachedTo: async (account, policyArn) => {
    const query = store.read<Tables>().selectFrom("iam_attachments").select("role_name").where("account", "=", account);
    return (await query.where("policy_arn", "=", policyArn).orderBy("role_name").execute()).map((row) => row.role_name);
  },
  clear: () =>
    store.transaction<Tables, void>(async (tx) => {
      await tx.deleteFrom("iam_roles").execute();
      await tx.deleteFrom("iam_attachments").execute();
    }),
});
