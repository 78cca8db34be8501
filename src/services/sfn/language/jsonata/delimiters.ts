/** The text inside `{% %}`, or `undefined` if the string is a plain one. */
export const expressionIn = (text: string): string | undefined =>
  text.startsWith("{%") && text.endsWith("%}") && text.length >= 4 ? text.slice(2, -2).trim() : undefined;

/** Whether a string has only one of the two delimiters of an expression: AWS refuses it as improperly opened or closed. */
export const isHalfOpen = (text: string): boolean => text.startsWith("{%") !== text.endsWith("%}");
