import { handlersOf } from "../service.ts";
import type { OpenService } from "../service.ts";
import type { IamContext } from "./iam.ts";
import { migrations } from "./migrations/all.ts";
import * as policies from "./policies.ts";
import { newPolicyRows } from "./policy-rows.ts";
import * as rolePolicies from "./role-policies.ts";
import { newRoleRows } from "./role-rows.ts";
import { resourceTypes } from "./template-resources.ts";
import * as roles from "./roles.ts";

export const openIam: OpenService = async ({ store }) => {
  await store.migrate("iam", migrations);
  const context = { roles: newRoleRows(store), policies: newPolicyRows(store) };
  return {
    operations: handlersOf<"iam", IamContext>()({ ...roles, ...rolePolicies, ...policies }),
    context,
    resourceTypes,
    reset: async () => {
      await context.roles.clear();
      await context.policies.clear();
    },
  };
};
