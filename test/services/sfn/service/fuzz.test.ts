import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CreateActivityCommand,
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  GetActivityTaskCommand,
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  StartExecutionCommand,
  StartSyncExecutionCommand,
  StopExecutionCommand,
  TestStateCommand,
  ValidateStateMachineDefinitionCommand,
} from "@aws-sdk/client-sfn";
import * as fc from "fast-check";
import { change, mutate } from "../damage.ts";
import { randomMachine } from "../random-machine.ts";
import { create, openCloud, roleArn, start, untilEnded } from "./machines-in.ts";

const { client } = await openCloud();

/** An answer, or undefined when the call was refused as AWS refuses: in time, by a status of the client's, with a name and words. */
const told = async <T>(work: Promise<T>, what: () => string): Promise<T | undefined> => {
  const began = performance.now();
  try {
    return await work;
  } catch (error) {
    const { name, message, $metadata } = error as { name: string; message: string; $metadata?: { httpStatusCode?: number } };
    const status = $metadata?.httpStatusCode ?? 0;
    assert.ok(
      (status >= 400 && status < 500) || (status === 501 && name === "NotImplemented"),
      `${status} ${name}: ${message} for ${what()}`,
    );
    assert.ok(name !== "" && message !== "", `no diagnosis for ${what()}`);
    return undefined;
  } finally {
    assert.ok(performance.now() - began < 15_000, `slow: ${what()}`);
  }
};

let made = 0;
/** Sends a definition everywhere a definition goes, and starts what it makes. */
const offer = async (definition: string, input: string): Promise<void> => {
  const what = () => `${definition.slice(0, 2000)} with ${input.slice(0, 200)}`;
  const validated = await told(client.send(new ValidateStateMachineDefinitionCommand({ definition })), what);
  const name = `fuzz-${(made += 1)}`;
  const machine = await told(client.send(new CreateStateMachineCommand({ name, definition, roleArn })), what);
  if (validated) assert.equal(machine !== undefined, validated.result === "OK", `validated as ${validated.result}: ${what()}`);
  const states = statesOf(definition);
  for (const state of Object.values(states).slice(0, 2)) {
    const tested = { definition: JSON.stringify(state) ?? "", input, roleArn };
    await told(client.send(new TestStateCommand(tested)), what);
  }
  if (!machine) return;
  const begun = await told(client.send(new StartExecutionCommand({ stateMachineArn: machine.stateMachineArn, input })), what);
  if (!begun) return;
  await client.send(new StopExecutionCommand({ executionArn: begun.executionArn }));
  const { status } = await client.send(new DescribeExecutionCommand({ executionArn: begun.executionArn }));
  assert.notEqual(status, "RUNNING", what());
};

const statesOf = (definition: string): object => {
  try {
    const { States } = JSON.parse(definition) as { States?: unknown };
    return typeof States === "object" && States !== null ? States : {};
  } catch {
    return {};
  }
};

test("a damaged definition with any input is run or refused, everywhere a definition goes", async () => {
  await fc.assert(
    fc.asyncProperty(
      randomMachine,
      fc.array(change, { maxLength: 3 }),
      fc.oneof(fc.json(), fc.string()),
      async (definition, changes, input) => offer(JSON.stringify(mutate(definition, changes)) ?? "", input),
    ),
    { numRuns: 40 },
  );
});

const pass = { Type: "Pass", End: true };
const nested = (depth: number, kind: "Parallel" | "Map"): object => {
  let inner: object = { StartAt: "s0", States: { s0: pass } };
  for (let level = 1; level <= depth; level++) {
    const within = kind === "Map" ? { ItemProcessor: inner, ItemsPath: "$" } : { Branches: [inner] };
    inner = { StartAt: `s${level}`, States: { [`s${level}`]: { Type: kind, ...within, End: true } } };
  }
  return inner;
};
const one = (state: object, rest: object = {}) => JSON.stringify({ StartAt: "A", States: { A: { ...state, End: true } }, ...rest });
const jsonata = (Output: string) => one({ Type: "Pass", Output: `{% ${Output} %}` }, { QueryLanguage: "JSONata" });

const hostile: Record<string, string> = {
  "deep JSON": "[".repeat(200_000),
  "a deep value": one({ Type: "Pass", Result: JSON.parse(`${"[".repeat(3_000)}${"]".repeat(3_000)}`) as unknown }),
  "deep Parallels": JSON.stringify(nested(150, "Parallel")),
  "deep Maps": JSON.stringify(nested(90, "Map")),
  "a huge number": one({ Type: "Pass", Result: 1 }).replace('"Result":1', '"Result":1e999'),
  "a wait of a huge number": `{"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":1e300,"End":true}}}`,
  "a timeout of a huge number": `{"StartAt":"A","TimeoutSeconds":99999999999999999999,"States":{"A":{"Type":"Pass","End":true}}}`,
  "an endless circle": JSON.stringify({
    StartAt: "A",
    States: {
      A: { Type: "Pass", Next: "B" },
      B: { Type: "Choice", Choices: [{ Variable: "$.x", IsPresent: true, Next: "C" }], Default: "A" },
      C: { Type: "Succeed" },
    },
  }),
  "names of prototypes": JSON.stringify({
    StartAt: "__proto__",
    States: JSON.parse('{"__proto__":{"Type":"Pass","End":true},"constructor":{"Type":"Succeed"}}') as unknown,
  }),
  "many states": JSON.stringify({
    StartAt: "s0",
    States: Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`s${n}`, n < 4_999 ? { Type: "Pass", Next: `s${n + 1}` } : pass])),
  }),
  "a regular expression for ever": jsonata(`$match("${"a".repeat(60)}!", /^(a+)+$/)`),
  "an endless recursion": jsonata("($f := function($n) { $f($n) }; $f(1))"),
  "a deep recursion": jsonata("($f := function($n) { 1 + $f($n) }; $f(1))"),
  "a long sequence": jsonata("$count([1..9999999].[1..9999999])"),
  "a long text": jsonata("$pad('x', 2000000000)"),
  "a text that doubles": jsonata("$reduce([1..64], function($s, $n) { $s & $s }, 'xxxxxxxx')"),
  "a deep expression": jsonata(`${"(".repeat(20_000)}1${")".repeat(20_000)}`),
  "a deep intrinsic": one({ Type: "Pass", Parameters: { "a.$": `${"States.Array(".repeat(5_000)}1${")".repeat(5_000)}` } }),
  "a deep path": one({ Type: "Pass", InputPath: `$${".a".repeat(100_000)}` }),
  "a wide search": one({ Type: "Pass", Parameters: { "a.$": `$${"..*".repeat(12)}` } }),
};

test("a definition that is made to hurt is run or refused, and others are served meanwhile", async () => {
  const calm = await create(client, "calm", { Only: pass }, { type: "EXPRESS" });
  for (const [name, definition] of Object.entries(hostile)) {
    let isOver = false;
    let longestMs = 0;
    const others = async () => {
      while (!isOver) {
        const began = performance.now();
        const { status } = await client.send(new StartSyncExecutionCommand({ stateMachineArn: calm }));
        assert.equal(status, "SUCCEEDED");
        longestMs = Math.max(longestMs, performance.now() - began);
      }
    };
    const served = others();
    await offer(definition, `${"[".repeat(20_000)}${"]".repeat(20_000)}`);
    isOver = true;
    await served;
    assert.ok(longestMs < 5_000, `${name} held up others for ${Math.round(longestMs)} ms`);
  }
});

test("answers to tasks are taken or refused, whatever they are", async () => {
  const { activityArn = "" } = await client.send(new CreateActivityCommand({ name: "work" }));
  const machine = await create(client, "waiting", { Work: { Type: "Task", Resource: activityArn, End: true } });
  const texts = fc.oneof(fc.string(), fc.json(), fc.constantFrom("", "null", "1e999", "{", `"${"x".repeat(262_143)}"`, `"\\ud800"`));
  await fc.assert(
    fc.asyncProperty(texts, fc.constantFrom("mine", "other"), fc.nat(2), async (text, whose, kind) => {
      const executionArn = await start(client, machine);
      const { taskToken: mine = "" } = await client.send(new GetActivityTaskCommand({ activityArn }));
      const taskToken = whose === "mine" ? mine : text;
      const what = () => JSON.stringify({ text, whose, kind });
      if (kind === 0) await told(client.send(new SendTaskSuccessCommand({ taskToken, output: text })), what);
      if (kind === 1) await told(client.send(new SendTaskFailureCommand({ taskToken, error: text, cause: text })), what);
      if (kind === 2) await told(client.send(new SendTaskHeartbeatCommand({ taskToken })), what);
      await told(client.send(new SendTaskSuccessCommand({ taskToken: mine, output: "1" })), what);
      assert.match((await untilEnded(client, executionArn)).status ?? "", /^(SUCCEEDED|FAILED)$/);
    }),
    { numRuns: 25 },
  );
});
