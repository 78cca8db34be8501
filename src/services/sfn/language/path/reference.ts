import { isArray, isObject, member, type Json } from "../json.ts";
import { referencePathConflict, StateFailure } from "../state-failure.ts";
import { parsePath, type Path, type Step } from "./path.ts";

/** A path that names exactly one place, so that it can be written to. */
export type ReferencePath = Path;

/** Reads a Reference Path; throws a `SyntaxError` in AWS's words. */
export const parseReferencePath = (source: string): ReferencePath => {
  if (!source.startsWith("$")) throw new SyntaxError("Reference path didn't start with '$'");
  const open = /\[(?!['"\-\d])/.exec(source);
  if (open && !/\[\s*(?:\*|\?)/.test(source)) throw new SyntaxError("'[' must be followed by ' or '['");
  const path = parsePath(source);
  if (!path.definite || path.steps.some((step) => step.kind === "call" || step.kind === "keys")) throw new SyntaxError("Invalid path");
  return path;
};

/**
 * The input with the result put where the path points, its objects made where they are missing; the first place in an array that is
 * not there makes the array, which is how users lift a value into one (plainenglish.io: "AWS Step Function Tricks").
 */
export const writeAt = (path: ReferencePath, input: Json, result: Json): Json => {
  const write = (node: Json | undefined, depth: number): Json => {
    const step = path.steps[depth];
    if (step === undefined) return result;
    if (step.kind === "key") {
      if (isArray(node)) throw referencePathConflict(step.key, input);
      if (node !== undefined && !isObject(node)) throw mismatch(path, input);
      const object = node ?? {};
      return { ...object, [step.key]: write(member(object, step.key), depth + 1) };
    }
    if (step.kind === "index" && step.index === 0 && node === undefined) return [write(undefined, depth + 1)];
    if (step.kind !== "index" || !isArray(node) || node.at(step.index) === undefined) throw mismatch(path, input);
    return node.with(step.index, write(node.at(step.index), depth + 1));
  };
  return write(input, 0);
};

/** What stands where a reference path points; nothing there is a conflict of the path with the value. */
export const readAt = (path: ReferencePath, from: Json): Json => {
  let node = from;
  for (const step of path.steps) {
    const found = into(node, step);
    if (found === undefined) throw referencePathConflict(step.kind === "key" ? step.key : step.kind === "index" ? step.index : "", from);
    node = found;
  }
  return node;
};

const into = (node: Json, step: Step): Json | undefined => {
  if (step.kind === "key") return isObject(node) ? member(node, step.key) : undefined;
  return step.kind === "index" && isArray(node) ? node.at(step.index) : undefined;
};

const mismatch = (path: ReferencePath, input: Json) =>
  new StateFailure("States.ResultPathMatchFailure", `Unable to apply ReferencePath ${path.source} to input ${JSON.stringify(input)}`);
