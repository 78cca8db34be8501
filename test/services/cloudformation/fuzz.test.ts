import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Fault } from "#wire/fault.ts";
import { checkProperties } from "#services/cloudformation/check-properties.ts";
import { checkActive, checkTemplate } from "#services/cloudformation/template/check-template.ts";
import type { Json, JsonObject } from "#services/cloudformation/template/json.ts";
import { parseTemplateText } from "#services/cloudformation/template/parse-text.ts";
import { chooseValues } from "#services/cloudformation/template/parameter-values.ts";
import { readTemplate } from "#services/cloudformation/template/read-template.ts";
import { resolveValue } from "#services/cloudformation/template/resolve.ts";
import { templateScope } from "#services/cloudformation/template/scope.ts";
import { integer, list, map, required, struct, tags, text } from "#services/resource-type.ts";

const surroundings = {
  region: "us-east-1",
  accountId: "000000000000",
  partition: "aws",
  urlSuffix: "amazonaws.com",
  stackId: "id",
  stackName: "s",
  notificationArns: [],
};
const properties = { Name: required(text()), Count: integer(), Tags: tags(), Deep: struct({ Any: map(list(integer())) }) };

/** All that is done with a template before anything is made: it gives an answer or AWS's fault, never another error. */
const takeIn = (source: string): void => {
  try {
    const template = readTemplate(parseTemplateText(source));
    checkTemplate(template, () => ({ attributes: ["Arn"] }));
    const scope = templateScope(template, chooseValues(template, [], undefined), surroundings);
    checkActive(template, scope);
    const resources = new Map([...template.resources.keys()].map((name) => [name, { ref: name, attributes: { Arn: name } }]));
    for (const resource of template.resources.values()) {
      const resolved = resolveValue(resource.properties, { ...scope, resources });
      checkProperties(resource.logicalId, resolved as JsonObject, properties);
    }
  } catch (error) {
    assert.ok(error instanceof Fault, error instanceof Error ? error.stack : String(error));
  }
};

const names = ["A", "B", "P", "C", "AWS::Region", "AWS::NoValue", "constructor", "__proto__", ""];
const functions = [
  "Ref",
  "Condition",
  "Fn::GetAtt",
  "Fn::Sub",
  "Fn::Join",
  "Fn::Select",
  "Fn::Split",
  "Fn::If",
  "Fn::FindInMap",
  "Fn::Base64",
  "Fn::Cidr",
  "Fn::GetAZs",
  "Fn::ImportValue",
  "Fn::Length",
  "Fn::ToJsonString",
  "Fn::And",
  "Fn::Or",
  "Fn::Not",
  "Fn::Equals",
  "Fn::Nonsense",
];
const scalars = fc.oneof(
  fc.constantFrom(...names),
  fc.constantFrom("${A}", "${A.Arn}", "${P}-${!x}", "10.0.0.0/16", "8", "{{resolve:ssm:x}}"),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
);
const { value: values } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, depthSize: "small" },
    scalars,
    fc.array(tie("value"), { maxLength: 4 }),
    fc.tuple(fc.constantFrom(...functions), tie("value")).map(([name, argument]): Json => ({ [name]: argument })),
    fc.dictionary(fc.constantFrom("Name", "Count", "Tags", "Deep", "Key", "Any", ...names), tie("value"), { maxKeys: 3 }),
  ),
}));

const section = (keys: string[], value: fc.Arbitrary<Json>) => fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: 3 });
const templates = fc.record(
  {
    Parameters: section(
      ["P", "Q"],
      fc.oneof(
        values,
        fc.record({ Type: fc.constantFrom("String", "Number", "CommaDelimitedList"), Default: fc.constantFrom("x", "1", "a,b") }),
      ),
    ),
    Conditions: section(["C", "D"], values),
    Mappings: section(["M"], values),
    Resources: section(
      ["A", "B", "constructor"],
      fc.oneof(
        values,
        fc.record(
          { Type: fc.constant("AWS::X::Y"), Properties: values, DependsOn: scalars, Condition: scalars },
          { requiredKeys: ["Type"] },
        ),
      ),
    ),
    Outputs: section(["O"], fc.oneof(values, fc.record({ Value: values, Export: values }, { requiredKeys: ["Value"] }))),
    Transform: fc.constant("AWS::LanguageExtensions"),
  },
  { requiredKeys: ["Resources"] },
);

test("whatever a template says, it is taken in or refused with a fault", () => {
  fc.assert(
    fc.property(templates, (template) => takeIn(JSON.stringify(template))),
    { numRuns: 2000 },
  );
});

test("a damaged text is refused with a fault", () => {
  const whole = `Parameters: {P: {Type: String, Default: x}}\nConditions: {C: !Equals [!Ref P, x]}\nResources:\n  A:\n    Type: AWS::X::Y\n    Condition: C\n    Properties: {Name: !Sub "\${P}-\${AWS::Region}", Deep: {Any: {x: [1, !If [C, 2, 3]]}}}\nOutputs: {O: {Value: !GetAtt A.Arn}}\n`;
  fc.assert(
    fc.property(fc.nat(whole.length), fc.nat(20), fc.string({ maxLength: 8, unit: "binary" }), (at, length, insert) =>
      takeIn(whole.slice(0, at) + insert + whole.slice(at + length)),
    ),
    { numRuns: 400 },
  );
});
