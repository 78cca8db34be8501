import assert from "node:assert/strict";
import { test } from "node:test";
import type { Json } from "#services/sfn/language/json.ts";
import { select } from "#services/sfn/language/path/evaluate.ts";
import { parsePath } from "#services/sfn/language/path/path.ts";
import { parseReferencePath, writeAt } from "#services/sfn/language/path/reference.ts";

const store: Json = {
  book: [
    { title: "A", price: 8.95, category: "reference" },
    { title: "B", price: 12.99, category: "fiction", isbn: "0-553" },
    { title: "C", price: 8.99, category: "fiction", isbn: "0-395" },
  ],
  bicycle: { color: "red", price: 19.95 },
  "odd key": { "it's": 1 },
  numbers: [3, 1, 2],
  nothing: null,
};

const at = (path: string, root: Json = store) => select(parsePath(path), root);

test("a definite path gives one value", () => {
  assert.deepEqual(at("$"), store);
  assert.equal(at("$.bicycle.color"), "red");
  assert.equal(at("$.book[1].title"), "B");
  assert.equal(at("$.book[-1].title"), "C");
  assert.equal(at("$['odd key']['it\\'s']"), 1);
  assert.equal(at('$["bicycle"].price'), 19.95);
  assert.equal(at("$.nothing"), null);
  assert.equal(at("$.['bicycle'].['color']"), "red");
  assert.equal(at("$.odd\\ key['it\\'s']"), 1);
});

test("a definite path that leads nowhere gives nothing", () => {
  for (const path of ["$.missing", "$.book.title", "$.book[9]", "$.bicycle[0]", "$.nothing.x", "$.constructor", "$.__proto__"]) {
    assert.equal(at(path), undefined, path);
  }
});

test("an indefinite path gives a list", () => {
  assert.deepEqual(at("$.book[*].title"), ["A", "B", "C"]);
  assert.deepEqual(at("$..price"), [8.95, 12.99, 8.99, 19.95]);
  assert.deepEqual(at("$.book[0,2].title"), ["A", "C"]);
  assert.deepEqual(at("$.book[0:2].title"), ["A", "B"]);
  assert.deepEqual(at("$.numbers[1:]"), [1, 2]);
  assert.deepEqual(at("$.numbers[-2:]"), [1, 2]);
  assert.deepEqual(at("$.numbers[:1]"), [3]);
  assert.deepEqual(at("$.book[0]['title','price']"), { title: "A", price: 8.95 });
  assert.deepEqual(at("$.book[0:2]['title','price']"), [
    { title: "A", price: 8.95 },
    { title: "B", price: 12.99 },
  ]);
  assert.deepEqual(at("$['bicycle','book'].color"), ["red"]);
  assert.deepEqual(at("$.bicycle.*"), ["red", 19.95]);
  assert.deepEqual(at("$..missing"), []);
});

test("an indefinite path from nowhere gives an empty list, and fails on what cannot be sliced or filtered", () => {
  for (const path of ["$.missing[*]", "$.missing.deeper[0:2]", "$.missing[?(@.x)]", "$.book[7].tags[*]", "$.bicycle.color[*]"]) {
    assert.deepEqual(at(path), [], path);
  }
  for (const path of ["$[0:1]", "$.bicycle[0:1]", "$.bicycle.color[?(@.x)]"]) assert.equal(at(path), undefined, path);
  assert.deepEqual(at("$[*].type", {}), []);
  assert.deepEqual(at("$.d..a[*]", { d: { x: { a: [1, 2] } } }), [1, 2]);
});

test("filters compare, combine and test for existence", () => {
  assert.deepEqual(at("$.book[?(@.price < 10)].title"), ["A", "C"]);
  assert.deepEqual(at("$.book[?(@.isbn)].title"), ["B", "C"]);
  assert.deepEqual(at("$.book[?(!@.isbn)].title"), ["A"]);
  assert.deepEqual(at("$.book[?(@.category == 'fiction' && @.price > 9)].title"), ["B"]);
  assert.deepEqual(at("$.book[?(@.title == 'A' || @.title=='C')].title"), ["A", "C"]);
  assert.deepEqual(at("$.book[?(@.title != 'A')].title"), ["B", "C"]);
  assert.deepEqual(at("$.book[?(@.title in ['A', 'B'])].title"), ["A", "B"]);
  assert.deepEqual(at("$.book[?(@.title nin ['A'])].title"), ["B", "C"]);
  assert.deepEqual(at("$.book[?(@.title =~ /[bc]/i)].title"), ["B", "C"]);
  assert.deepEqual(at("$.book[?(@.price < $.bicycle.price)].title"), ["A", "B", "C"]);
  assert.deepEqual(at("$.numbers[?(@ > 1)]"), [3, 2]);
  assert.deepEqual(at("$[?(@ > .5)]", [0.4, 0.6, 5]), [0.6, 5]);
  assert.deepEqual(at("$[?(@ == -1.5e1)]", [-15, 15]), [-15]);
  const items = [{ id: 1, s: null }, { id: 2, s: false }, { id: 3 }];
  assert.deepEqual(at("$[?(!@.s)].id", items), [1, 3]);
  assert.deepEqual(at("$[?(@.s)].id", items), [2]);
  assert.deepEqual(at("$[?(@.s == null)].id", items), [1]);
});

test("filters compare as Jayway's JSONPath does: texts with numbers too, and with what is not there", () => {
  const list: Json = [{ id: 1 }, { id: "1" }, { id: "1.0" }, { id: true }, { tags: ["a", 2] }];
  const ids = (filter: string) => (at(`$[?(${filter})]`, list) as { id?: Json }[]).map(({ id = null }) => id);
  assert.deepEqual(ids("@.id == 1"), [1, "1"]);
  assert.deepEqual(ids("@.id == '1.0'"), [1, "1.0"]);
  assert.deepEqual(ids("@.id == ''"), []);
  assert.deepEqual(ids("@.id === '1'"), ["1"]);
  assert.deepEqual(ids("@.id !== 1"), ["1", "1.0", true, null]);
  assert.deepEqual(ids("@.id in ['1', true]"), [1, "1", true]);
  assert.deepEqual(ids("@.id nin ['1', true]"), ["1.0", null]);
  assert.deepEqual(ids("@.id =~ /[1t].*/"), [1, "1", "1.0", true]);
  assert.deepEqual(ids("@.tags =~ /[a-z]/"), [null]);
  assert.deepEqual(ids("@.tags contains '2'"), [null]);
  assert.deepEqual(ids("@.tags all ['a', '2']"), [null]);
  assert.deepEqual(ids("@.tags all ['a', 'b']"), []);
});

test("functions at the end of a path: those that reckon with numbers find nothing, as on AWS", () => {
  assert.equal(at("$.book.length()"), 3);
  for (const name of ["min", "max", "avg", "sum", "stddev"]) assert.equal(at(`$.numbers.${name}()`), undefined, name);
});

test("roots are the input, the context object and variables", () => {
  assert.deepEqual(parsePath("$$.Execution.Id").root, { kind: "context" });
  assert.deepEqual(parsePath("$order.total").root, { kind: "variable", name: "order" });
});

test("what is no path is refused", () => {
  for (const path of ["", "a", "$.", "$[", "$[]", "$.a[", "$.a b", "$.a[?(", "$.a[?(@.b ==)]", "$['a", "$.a]", "$[1:2:0]"]) {
    assert.throws(() => parsePath(path), SyntaxError, path);
  }
});

test("a result is written where the reference path points", () => {
  const write = (path: string, input: Json, result: Json) => writeAt(parseReferencePath(path), input, result);
  assert.deepEqual(write("$", { a: 1 }, 2), 2);
  assert.deepEqual(write("$.b", { a: 1 }, 2), { a: 1, b: 2 });
  assert.deepEqual(write("$.b.c.d", { a: 1 }, 2), { a: 1, b: { c: { d: 2 } } });
  assert.deepEqual(write("$.list[1]", { list: [1, 2] }, 9), { list: [1, 9] });
  assert.deepEqual(write("$['a b']", {}, 1), { "a b": 1 });
  assert.deepEqual(write("$.list[0]", { a: 1 }, 2), { a: 1, list: [2] });
  assert.deepEqual(write("$.list[0].name", {}, "x"), { list: [{ name: "x" }] });
  assert.throws(() => write("$.list[1]", {}, 2), { error: "States.ResultPathMatchFailure" });
  assert.throws(() => write("$.a.b", { a: 1 }, 2), {
    error: "States.ResultPathMatchFailure",
    cause: 'Unable to apply ReferencePath $.a.b to input {"a":1}',
  });
  assert.throws(() => write("$.list[5]", { list: [] }, 2), { error: "States.ResultPathMatchFailure" });
  assert.throws(() => write("$.a", "text", 2), { error: "States.ResultPathMatchFailure" });
  assert.throws(() => write("$.list.total", { list: [1] }, 2), {
    error: "States.ReferencePathConflict",
    cause: 'Unable to apply step "total" to input {"list":[1]}',
  });
  assert.deepEqual(write("$.a\\.b", {}, 1), { "a.b": 1 });
});

test("a reference path names one place", () => {
  for (const path of ["a", "$.a[*]", "$..a", "$.a[?(@.b)]", "$.a[0:1]", "$.a['b','c']"])
    assert.throws(() => parseReferencePath(path), SyntaxError, path);
});
