import assert from "node:assert/strict";
import { test } from "node:test";
import * as cloud from "../../src/app/index.ts";

// What is claimed here is checked by the compiler: a type that is not as told makes `true` and `false` not fit.
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Fits<Given, Wanted> = [Given] extends [Wanted] ? true : false;

type Instance = { id: string; kind: "snapshot" | "image"; size?: number };

const find = new cloud.Function("find", {
  handler: ({ prefix }: { prefix: string }) => ({ instances: [{ id: prefix, kind: "image" }] as Instance[] }),
});
const backUp = new cloud.Function("backUp", { handler: async ({ id }: { id: string }) => ({ key: id }) });
const untyped = new cloud.Function("untyped", { code: "./python", handler: "main.handler", runtime: "python3.11" });
const bucket = new cloud.Bucket("files");

test("the output of a step is the input of the next", () => {
  const found = cloud.workflow<{ prefix: string; owner: string }>().invoke("Find", find);
  const isFound: Same<cloud.OutputOf<typeof found>, { instances: Instance[] }> = true;
  const counted = found.pass("Count", ({ instances }) => ({ instances, count: cloud.jsonata<number>`$count(${instances})`, note: "x" }));
  const isCounted: Same<cloud.OutputOf<typeof counted>, { instances: Instance[]; count: number; note: string }> = true;
  const mapped = counted.map(
    "Each",
    ({ instances }) => instances,
    (instance) => instance.invoke("Back up", backUp),
  );
  const isMapped: Same<cloud.OutputOf<typeof mapped>, { key: string }[]> = true;
  const kept = found.invoke("Untyped", untyped, { output: (result, input) => ({ result, input }) });
  const isKept: Same<cloud.OutputOf<typeof kept>, { result: unknown; input: { instances: Instance[] } }> = true;
  const isInput: Same<cloud.InputOf<typeof mapped>, { prefix: string; owner: string }> = true;
  assert.ok(isFound && isCounted && isMapped && isKept && isInput);
});

test("flows that come together give what any of them gives", () => {
  const chosen = cloud.workflow<Instance>().choice("Choose", (choice) =>
    choice
      .when(
        ({ kind }) => cloud.jsonata<boolean>`${kind} = "image"`,
        (flow) => flow.invoke("Back up", backUp),
      )
      .when(
        ({ id }) => cloud.jsonata<boolean>`${id} = ""`,
        (flow) => flow.fail("Empty", "Empty"),
      )
      .otherwise((flow) => flow.pass("Nothing", () => ({ skipped: true }))),
  );
  const isEither: Same<cloud.OutputOf<typeof chosen>, { key: string } | { skipped: boolean }> = true;
  const caught = cloud
    .workflow<Instance>()
    .invoke("Back up", backUp)
    .catchError((error) => error.pass("Tell", ({ Cause }) => ({ cause: Cause })));
  const isCaught: Same<cloud.OutputOf<typeof caught>, { key: string } | { cause: string }> = true;
  const both = cloud.workflow<Instance>().parallel("Both", {
    a: (flow) => flow.pass("A", ({ size }) => size),
    b: (flow) => flow.invoke("B", backUp),
  });
  const isBoth: Same<cloud.OutputOf<typeof both>, { a: number | undefined; b: { key: string } }> = true;
  assert.ok(isEither && isCaught && isBoth);
});

test("items have the types of what they are read from", () => {
  const listed = cloud.workflow<{ run: string }>().map(
    "Listed",
    ({ run }) => cloud.each(cloud.objectsIn(bucket)).select((object, index) => ({ key: object.Key, index, run })),
    (item) => item,
  );
  const isListed: Same<cloud.OutputOf<typeof listed>, { key: string; index: number; run: string }[]> = true;
  const batched = cloud.workflow<unknown>().map(
    "Batched",
    () => cloud.each(cloud.jsonIn<Instance>(bucket, "a.json")).inBatches(5),
    (item) => item,
  );
  const isBatched: Same<cloud.OutputOf<typeof batched>, { Items: Instance[] }[]> = true;
  const rows = cloud.workflow<unknown>().map(
    "Rows",
    () => cloud.csvIn<{ id: string }>(bucket, "a.csv"),
    (row) => row.invoke("Back up", backUp),
  );
  const areRows: Same<cloud.OutputOf<typeof rows>, { key: string }[]> = true;
  const written = rows.writeResultsTo(bucket);
  const isWritten: Same<cloud.OutputOf<typeof written>, cloud.WrittenResults> = true;
  assert.ok(isListed && isBatched && areRows && isWritten);
});

test("what does not fit is refused by the compiler", () => {
  const flow = cloud.workflow<{ id: number }>();
  // expected errors: a function whose event has another type, or needs more than there is
  const takesOther: Fits<typeof backUp, cloud.Function<{ id: number }, unknown>> = false;
  const takesMore: Fits<cloud.Function<{ id: number; more: string }, unknown>, cloud.Function<{ id: number }, unknown>> = false;
  const takesLess: Fits<cloud.Function<object, string>, cloud.Function<{ id: number }, unknown>> = true;
  // expected errors: what is made for a function lacks a member, or has one of another type
  const lacks: Fits<object, cloud.Value<{ id: string }>> = false;
  const hasOther: Fits<{ id: cloud.Expression<number> }, cloud.Value<{ id: string }>> = false;
  const hasAll: Fits<{ id: cloud.Expression<string> }, cloud.Value<{ id: string }>> = true;
  const hasReference: Fits<{ id: typeof bucket.id }, cloud.Value<{ id: string }>> = true;
  // expected errors: a variable of a container that is no text, and a member that the input has not
  const variable: Fits<cloud.Expression<number>, cloud.Value<string>> = false;
  type Input = Parameters<NonNullable<Extract<cloud.TaskStateOptions<{ id: number }>["environment"], (input: never) => unknown>>>[0];
  const hasMember: "name" extends keyof Input ? true : false = false;
  // expected error: an execution is started with what the workflow takes
  const machine = new cloud.StateMachine("machine", { definition: flow.pass("Id", ({ id }) => id) });
  const starts: Same<Parameters<typeof machine.start>[0], { id: number }> = true;
  const startsOther: Fits<{ id: string }, Parameters<typeof machine.start>[0]> = false;
  const gives: Same<Awaited<ReturnType<typeof machine.startSync>>, number> = true;
  assert.deepEqual([takesOther, takesMore, lacks, hasOther, variable, hasMember, startsOther], Array(7).fill(false));
  assert.ok(takesLess && hasAll && hasReference && starts && gives);
});
