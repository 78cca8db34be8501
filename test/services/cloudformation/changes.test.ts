import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { planChanges, knownAfterApply } from "#services/cloudformation/plan-changes.ts";
import type { DeployedResource } from "#services/cloudformation/plan-changes.ts";
import { checkProperties } from "#services/cloudformation/check-properties.ts";
import { physicalName } from "#services/cloudformation/names.ts";
import { activeResources } from "#services/cloudformation/template/dependencies.ts";
import { parseTemplateText } from "#services/cloudformation/template/parse-text.ts";
import { chooseValues } from "#services/cloudformation/template/parameter-values.ts";
import { readTemplate } from "#services/cloudformation/template/read-template.ts";
import { resolveValue } from "#services/cloudformation/template/resolve.ts";
import { templateScope } from "#services/cloudformation/template/scope.ts";
import type { JsonObject } from "#services/cloudformation/template/json.ts";
import { integer, list, map, replacing, required, struct, tags, text } from "#services/resource-type.ts";

const properties = { Name: replacing(text()), Size: integer(), Source: text(), Tags: tags() };
const typeOf = () => ({ properties, attributes: ["Arn"] });
const surroundings = {
  region: "us-east-1",
  accountId: "000000000000",
  partition: "aws",
  urlSuffix: "amazonaws.com",
  stackId: "id",
  stackName: "s",
  notificationArns: [],
};

const load = (source: string, given: Record<string, string> = {}) => {
  const template = readTemplate(parseTemplateText(source));
  const parameters = Object.entries(given).map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue }));
  return { template, scope: templateScope(template, chooseValues(template, parameters, undefined), surroundings) };
};

const deploy = (source: string, given: Record<string, string> = {}): Map<string, DeployedResource> => {
  const { template, scope } = load(source, given);
  const deployed = new Map<string, DeployedResource>();
  for (const resource of activeResources(template, scope).values()) {
    const resolved = resolveValue(resource.properties, { ...scope, resources: deployed }) as JsonObject;
    const { logicalId, type } = resource;
    const physicalId = `s-${logicalId}`;
    deployed.set(logicalId, {
      logicalId,
      type,
      physicalId,
      ref: physicalId,
      attributes: { Arn: `arn:${physicalId}` },
      declared: resource,
      properties: checkProperties(logicalId, resolved, properties),
    });
  }
  return deployed;
};

const changes = (before: string, after: string, given: Record<string, string> = {}) => {
  const { template, scope } = load(after, given);
  return planChanges({ deployed: deploy(before), template, scope, typeOf, changedParameters: new Set(Object.keys(given)) });
};

const two = (a: string, b = "") =>
  `Parameters: {P: {Type: String, Default: x}}\nResources:\n  A: {Type: T::T::A, Properties: {${a}}}\n  B: {Type: T::T::A, Properties: {${b}}}`;

describe("changes of a stack", () => {
  test("the same template changes nothing, even where text stands for a number", () => {
    assert.deepEqual(changes(two("Size: 3", "Source: !GetAtt A.Arn"), two("Size: '3'", "Source: !GetAtt A.Arn")), []);
  });

  test("a change in place keeps the resource", () => {
    const [change, ...more] = changes(two("Size: 3"), two("Size: 4"));
    assert.deepEqual(more, []);
    assert.equal(change?.replacement, "False");
    assert.deepEqual(change.details, [
      { attribute: "Properties", name: "Size", recreation: "Never", evaluation: "Static", source: "DirectModification", cause: undefined },
    ]);
  });

  test("a replaced resource changes, perhaps, what refers to it", () => {
    const [a, b] = changes(two("Name: a", "Name: !GetAtt A.Arn"), two("Name: b", "Name: !GetAtt A.Arn"));
    assert.equal(a?.replacement, "True");
    assert.equal(a.policyAction, "ReplaceAndDelete");
    assert.equal(b?.replacement, "Conditional");
    assert.deepEqual(b.details, [
      { attribute: "Properties", name: "Name", recreation: "Always", evaluation: "Dynamic", source: "ResourceAttribute", cause: "A.Arn" },
    ]);
  });

  test("a parameter's change is told with its name", () => {
    const [change] = changes(two("Source: !Ref P"), two("Source: !Ref P"), { P: "y" });
    assert.deepEqual(
      change?.details.map(({ source, evaluation, cause }) => [source, evaluation, cause]),
      [
        ["ParameterReference", "Static", "P"],
        ["DirectModification", "Dynamic", undefined],
      ],
    );
  });

  test("resources come and go, and a retained one is kept", () => {
    const [removed, added] = changes(
      "Resources: {A: {Type: T::T::A, DeletionPolicy: Retain}}",
      "Resources: {C: {Type: T::T::A, Properties: {Source: x}}}",
    );
    assert.deepEqual([removed?.action, removed?.policyAction, removed?.physicalId], ["Remove", "Retain", "s-A"]);
    assert.deepEqual([added?.action, added?.logicalId], ["Add", "C"]);
  });

  test("a value made from what is not there yet is known after the deployment", () => {
    const [, b] = changes(two("", "Source: x"), two("Name: n", "Source: !Select [1, !Split [':', !GetAtt A.Arn]]"));
    assert.equal(b?.details[0]?.evaluation, "Dynamic");
    assert.ok(knownAfterApply.length > 0);
  });

  test("metadata and policies count, without touching the resource", () => {
    const [change] = changes("Resources: {A: {Type: T::T::A}}", "Resources: {A: {Type: T::T::A, Metadata: {v: 2}}}");
    assert.equal(change?.details[0]?.attribute, "Metadata");
  });

  test("the type of a resource can't change", () => {
    assert.throws(() => changes("Resources: {A: {Type: T::T::A}}", "Resources: {A: {Type: T::T::B}}"), {
      message: "Update of resource type is not permitted. The new template modifies resource type of the following resources: [A]",
    });
  });
});

describe("properties of a resource", () => {
  const declared = { Name: required(text()), Count: integer(), Tags: tags(), Deep: struct({ Any: map(list(integer())) }) };

  test("text becomes the number that is wanted, and a number the text", () => {
    const checked = checkProperties("R", { Name: 7, Count: "3", Deep: { Any: { x: ["1", 2] } } }, declared);
    assert.deepEqual(checked, { Name: "7", Count: 3, Deep: { Any: { x: [1, 2] } } });
  });

  test("what is missing, unknown or of the wrong type is told at once", () => {
    assert.throws(() => checkProperties("R", { Count: "x", Foo: 1, Tags: [{ Key: "k" }], Deep: [] }, declared), {
      message:
        "Properties validation failed for resource R with message:\n[#: required key [Name] not found, #/Count: expected type: Integer, found: String, " +
        "#: extraneous key [Foo] is not permitted, #/Tags/0: required key [Value] not found, #/Deep: expected type: JSONObject, found: JSONArray]",
    });
  });
});

test("a physical name follows from its seed and fits", () => {
  const of = { stackName: "a-very-long-stack-name-for-a-test", logicalId: "TheLogicalIdOfTheResource", seed: "1" };
  assert.match(physicalName(of), /^a-very-long-stack-name-for-a-test-TheLogicalIdOfTheResource-[A-Z0-9]{12}$/);
  assert.equal(physicalName(of), physicalName(of));
  assert.notEqual(physicalName(of), physicalName({ ...of, seed: "2" }));
  assert.match(physicalName(of, { longest: 40, lowerCase: true }), /^[a-z0-9-]{40}$/);
});
