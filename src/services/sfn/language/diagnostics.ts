/** One finding about a definition, as ValidateStateMachineDefinition reports it. */
export type Diagnostic = {
  readonly severity: "ERROR" | "WARNING";
  readonly code: DiagnosticCode;
  readonly message: string;
  /** Where it was found, such as `/States/Wait/Seconds`; absent for what concerns the whole. */
  readonly location?: string;
};

export type DiagnosticCode =
  | "INVALID_JSON_DESCRIPTION"
  | "MISSING_DESCRIPTION"
  | "SCHEMA_VALIDATION_FAILED"
  | "INVALID_RESOURCE"
  | "MISSING_END_STATE"
  | "DUPLICATE_STATE_NAME"
  | "INVALID_STATE_NAME"
  | "DUPLICATE_LABEL_NAME"
  | "INVALID_LABEL_NAME"
  | "MISSING_TRANSITION_TARGET"
  | "TOO_DEEPLY_NESTED"
  | "INVALID_JSONATA_EXPRESSION"
  | "UNSUPPORTED_JSONATA_EXPRESSION"
  | "NO_DOLLAR"
  | "NO_PATH"
  | "PASS_RESULT_IS_STATIC";

/** The message of the `InvalidDefinition` fault that CreateStateMachine answers with. */
export const invalidDefinitionMessage = (diagnostics: readonly Diagnostic[]): string => {
  const errors = diagnostics.filter(({ severity }) => severity === "ERROR");
  const lines = errors.map(({ code, message, location }) => `${code}: ${message} at ${location ?? "null"}`);
  return `Invalid State Machine Definition: '${lines.join(", ")}'`;
};
