import type { Loop } from "#reconcile/loops.ts";
import { Fault } from "#wire/fault.ts";
import type { CodeStore } from "../code/code-store.ts";
import type { Executions } from "../execution/executions.ts";
import type { FunctionRows } from "../function-rows.ts";
import type { FunctionName } from "../lambda.ts";

export const keyOf = ({ account, region, name }: FunctionName): string => `${account}/${region}/${name}`;

const parseKey = (key: string): FunctionName => {
  const [account = "", region = "", name = ""] = key.split("/");
  return { account, region, name };
};

type Parts = { functions: FunctionRows; code: CodeStore; executions: Executions };

/** Makes a new or changed `$LATEST` ready to run: its code unpacked or its image there, and environments of its runtime waiting. */
export const activationLoop = ({ functions, code, executions }: Parts): Loop => ({
  name: "lambda activation",
  keys: async () => (await functions.unfinished()).map(keyOf),
  reconcile: async (key) => {
    const latest = await functions.findVersion(parseKey(key), "$LATEST");
    if (!latest || (latest.state !== "Pending" && latest.updateStatus !== "InProgress")) return;
    try {
      if (latest.codeDigest !== undefined) await code.ensure(latest.codeDigest);
      await executions.prepare(latest);
      const { stateReason: _reason, ...ready } = latest;
      await functions.setState({ ...ready, state: "Active", updateStatus: "Successful" });
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      const failed = latest.state === "Pending" ? { state: "Failed" as const } : {};
      await functions.setState({ ...latest, ...failed, updateStatus: "Failed", stateReason: error.message });
    }
  },
});
