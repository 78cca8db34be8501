/** A node of what the library parsed: its type and parts, by names that depend on the type. */
export type Node = { readonly [key: string]: unknown };

export const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null;

/** The steps of a path. */
export const stepsOf = ({ steps }: Node): readonly unknown[] => (Array.isArray(steps) ? (steps as unknown[]) : []);
