import { invalidName } from "./faults.ts";

/** https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html */
const allowed = /^[^\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}\p{Cs}\uFFFE\uFFFF\u{10FFFF}]+$/u;

/** Names of state machines, activities and executions follow one rule. */
export const checkName = (name: string): void => {
  if (!allowed.test(name)) throw invalidName(name);
};
