const dataMembers = new Set([
  "input",
  "output",
  "parameters",
  "inputDetails",
  "outputDetails",
  "assignedVariables",
  "assignedVariablesDetails",
]);

/** The details of an event without the execution's data, as they are told where that is not included. */
export const withoutData = (details: unknown): unknown =>
  typeof details === "object" && details !== null
    ? Object.fromEntries(Object.entries(details).filter(([key]) => !dataMembers.has(key)))
    : details;
