import assert from "node:assert/strict";
import { test } from "node:test";
import jsonata from "jsonata";
import { variablesIn } from "#services/sfn/language/jsonata/variables.ts";
import { parseDefinition } from "#services/sfn/language/parse/parse.ts";
import { variableReferences } from "#services/sfn/language/variable-references.ts";
import { newParsedMachines } from "#services/sfn/parsed-machines.ts";
import { describeRevision } from "#services/sfn/state-machines.ts";

const references = async (definition: object): Promise<Record<string, string[]>> => {
  const { machine, diagnostics } = parseDefinition(JSON.stringify(definition));
  assert.ok(machine, JSON.stringify(diagnostics));
  return variableReferences(machine);
};

test("an expression's own variables, functions and $states are none of the workflow's", async () => {
  const cases: [string, string[]][] = [
    ["$a + $b.c[$d = 1] * $a", ["a", "b", "d"]],
    ["$states.input.x & $states.context.y", []],
    ["($x := $x + $y; $z := $x; $z)", ["x", "y"]],
    ["(($inner := 1); $inner)", ["inner"]],
    ["$map($items, $string) ~> $sum", ["items"]],
    ["$map($items, function($v, $i) { $v + $i + $offset })", ["items", "offset"]],
    ["($f := function($n) { $n < 1 ? $base : $f($n - 1) }; $f($depth))", ["base", "depth"]],
    ["$a.rows@$r#$i.cells[$r.x = $limit and $i > 0]", ["a", "limit"]],
    ["$rows[0]#$i.{'at': $i}", ["rows"]],
    ["{'k': $v, $key: [$w, /$no/]}", ["v", "key", "w"]],
    ["$a ~> |x|{'y': $c}, $gone|", ["a", "c", "gone"]],
    ["$add(?, $one)(2)", ["one"]],
    ["$map($partition($list, $size), $hash)", ["list", "size"]],
  ];
  for (const [source, names] of cases) assert.deepEqual((await variablesIn(jsonata(source))).toSorted(), names.toSorted(), source);
});

test("a state's variables are those of all its fields, paths as well as expressions", async () => {
  const definition = {
    StartAt: "Set",
    States: {
      Set: { Type: "Pass", Assign: { "a.$": "$.x", b: 1, c: [] }, Next: "Use" },
      Use: {
        Type: "Task",
        Resource: "arn:aws:states:::lambda:invoke",
        Parameters: { "FunctionName.$": "$a", Payload: { "n.$": "States.MathAdd($b, 1)", "of.$": "$$.Execution.Id" } },
        TimeoutSecondsPath: "$seconds",
        Assign: { "a.$": "States.Format('{} {}', $a, $c[0])" },
        Catch: [{ ErrorEquals: ["States.ALL"], Next: "Pick", Assign: { "e.$": "$caught.again" } }],
        Next: "Pick",
      },
      Pick: {
        Type: "Choice",
        Choices: [
          {
            And: [
              { Variable: "$b", NumericGreaterThanPath: "$limit" },
              { Variable: "$.x", IsPresent: true },
            ],
            Next: "Each",
          },
        ],
        Default: "Each",
      },
      Each: {
        Type: "Map",
        ItemsPath: "$c",
        ItemProcessor: { StartAt: "One", States: { One: { Type: "Pass", Parameters: { "y.$": "$inherited.y" }, End: true } } },
        Next: "Query",
      },
      Query: { Type: "Pass", QueryLanguage: "JSONata", Output: { sum: "{% $a + $sum($c) %}", note: "$b" }, Next: "Data" },
      Data: { Type: "Pass", Result: { root: { kind: "variable", name: "b" }, steps: [] }, End: true },
    },
  };
  assert.deepEqual(await references(definition), {
    Use: ["a", "b", "c", "caught", "seconds"],
    Pick: ["b", "limit"],
    Each: ["c"],
    One: ["inherited"],
    Query: ["a", "c"],
  });
});

test("a definition that cannot be read any more is told all the same", async () => {
  const revision = { id: "r", machineArn: "m", definition: "{}", roleArn: "role", settings: {}, createdAt: 0 };
  const parsed = newParsedMachines({ revision: async () => revision });
  const told = await describeRevision(revision, undefined, { parsed });
  assert.deepEqual([told.definition, "variableReferences" in told], ["{}", false]);
});
