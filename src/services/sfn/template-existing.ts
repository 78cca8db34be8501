import { Fault } from "#wire/fault.ts";

/** Stacks take over nothing that was there before: https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-stepfunctions */
export const alreadyExists = (arn: string) => new Fault("AlreadyExists", `${arn} already exists`, 400);

/** Making what is there already, and alike, succeeds; a template may not take it over: the stack that has it would delete it. */
export const refuseExisting = async (arn: string, description: Promise<unknown>): Promise<void> => {
  const isThere = await description.then(
    () => true,
    (error: unknown) => {
      if (error instanceof Fault && /DoesNotExist$|^ResourceNotFound$/.test(error.code)) return false;
      throw error;
    },
  );
  if (isThere) throw alreadyExists(arn);
};
