import { AppError } from "../app-error.ts";
import { isReference, placeholderOf } from "../reference.ts";
import type { Reference } from "../reference.ts";

declare const typed: unique symbol;
const source = Symbol("JSONata");

/**
 * A value that is known once the workflow runs. Its members are expressions too: where `input` is `$states.input`, `input.user.name` is
 * `$states.input.user.name`.
 */
export type Expression<T> = Typed<T> & Members<T>;

/** Says to the compiler what type a value has; there is nothing of it at run time. */
export type Typed<T> = { readonly [typed]: T };

type Members<T> = T extends readonly (infer Item)[]
  ? { readonly [index: number]: Expression<Item> }
  : T extends object
    ? { readonly [K in keyof T]-?: Expression<T[K]> }
    : unknown;

type Literal = string | number | boolean | null | undefined;

/** A `T` in which expressions, and references for texts, may stand for any part. */
export type Value<T> = unknown extends T
  ? unknown
  :
      | Expression<T>
      | (T extends string
          ? T | Reference
          : T extends Literal
            ? T
            : T extends readonly (infer Item)[]
              ? readonly Value<Item>[]
              : { readonly [K in keyof T]: Value<T[K]> });

/** What a value is once its expressions have been worked out. */
export type Resolved<V> =
  V extends Typed<infer T> ? T : V extends Reference ? string : V extends Literal ? V : { -readonly [K in keyof V]: Resolved<V[K]> };

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** An expression by its text in JSONata. */
export const expression = <T>(text: string): Expression<T> =>
  new Proxy(
    {},
    {
      get: (_target, property) => {
        if (property === source) return text;
        if (property === Symbol.toPrimitive) return refusePrimitive;
        return typeof property === "symbol" ? undefined : expression(text + pathStep(property));
      },
    },
  ) as Expression<T>;

const refusePrimitive = (): never => {
  throw new AppError("What a state is given is known only while the workflow runs: write text`…` or jsonata`…` instead of `…`.");
};

const pathStep = (name: string): string => {
  if (/^\d+$/.test(name)) return `[${name}]`;
  return /^[A-Za-z_]\w*$/.test(name) ? `.${name}` : `.\`${name}\``;
};

const textOf = (value: unknown): string | undefined => {
  if (typeof value !== "object" || value === null) return undefined;
  const text: unknown = Reflect.get(value, source);
  return typeof text === "string" ? text : undefined;
};

/** A value of a definition: expressions become `{% … %}`, references what the template puts in their place. */
export const toTemplate = (value: unknown): Json => {
  const text = textOf(value);
  if (text !== undefined) return `{% ${text} %}`;
  if (isReference(value)) return placeholderOf(value);
  if (Array.isArray(value)) return value.map((each: unknown) => toTemplate(each));
  if (typeof value !== "object" || value === null) return value as Json;
  const members = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(members.map(([key, each]) => [key, toTemplate(each)]));
};

/** A value within an expression. */
const toJsonata = (value: unknown): string => {
  const text = textOf(value);
  if (text !== undefined) return text;
  if (isReference(value)) return JSON.stringify(placeholderOf(value));
  if (Array.isArray(value)) return `[${value.map((each: unknown) => toJsonata(each)).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  return `{${Object.entries(value)
    .filter(([, each]) => each !== undefined)
    .map(([key, each]) => `${JSON.stringify(key)}: ${toJsonata(each)}`)
    .join(", ")}}`;
};

/** An expression of one's own, with values between: jsonata<number>`$count(${input.files})`. */
export const jsonata = <T>(strings: TemplateStringsArray, ...values: readonly unknown[]): Expression<T> =>
  expression(strings.reduce((text, part, index) => `${text}${toJsonata(values[index - 1])}${part}`));

/** Text with values between: text`frames/${input.name}.png`. */
export const text = (strings: TemplateStringsArray, ...values: readonly unknown[]): Expression<string> => {
  const parts = strings.flatMap((part, index) => [
    ...(index > 0 ? [toJsonata(values[index - 1])] : []),
    ...(part === "" ? [] : [JSON.stringify(part)]),
  ]);
  // Joining makes texts of what it joins; a value alone has to be made one.
  if (values.length === 1 && parts.length === 1) return expression(`$string(${parts.join("")})`);
  return expression(parts.length === 0 ? '""' : parts.join(" & "));
};

/** The members of two objects; those of the second win. */
export const merge = <A extends object, V extends object>(
  first: Expression<A>,
  second: V,
): Expression<Omit<A, keyof Resolved<V>> & Resolved<V>> => jsonata`$merge([${first}, ${second}])`;

/** What Step Functions tells of the execution itself: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html */
export const context = expression<{
  Execution: { Id: string; Name: string; RoleArn: string; StartTime: string };
  State: { EnteredTime: string; Name: string; RetryCount: number };
  StateMachine: { Id: string; Name: string };
}>("$states.context");
