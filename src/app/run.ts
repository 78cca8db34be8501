import { AppError } from "./app-error.ts";
import { handlers } from "./declarations.ts";
import { runningFunction } from "./reference.ts";

/** What the runtime calls: the app's module has been loaded anew, and the handler that was declared under the function's name is run. */
export const handler = async (event: unknown, context: unknown): Promise<unknown> => {
  const name = runningFunction() ?? "";
  const found = handlers.get(name);
  if (!found) throw new AppError(`The app declares no function "${name}" here. A declaration must not depend on where the app runs.`);
  return found(event, context);
};
