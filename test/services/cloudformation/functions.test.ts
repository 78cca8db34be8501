import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { Json } from "#services/cloudformation/template/json.ts";
import { parseTemplateText } from "#services/cloudformation/template/parse-text.ts";
import { chooseValues } from "#services/cloudformation/template/parameter-values.ts";
import { readTemplate } from "#services/cloudformation/template/read-template.ts";
import { resolveOutputs } from "#services/cloudformation/template/outputs.ts";
import { resolveValue } from "#services/cloudformation/template/resolve.ts";
import { templateScope } from "#services/cloudformation/template/scope.ts";
import type { Scope, Surroundings } from "#services/cloudformation/template/scope.ts";

const surroundings: Surroundings = {
  region: "eu-west-1",
  accountId: "123456789012",
  partition: "aws",
  urlSuffix: "amazonaws.com",
  stackId: "arn:aws:cloudformation:eu-west-1:123456789012:stack/s/1",
  stackName: "s",
  notificationArns: ["arn:aws:sns:eu-west-1:123456789012:t"],
};

const template = readTemplate(
  parseTemplateText(`
Transform: AWS::LanguageExtensions
Parameters:
  Name: {Type: String, Default: web}
  Ports: {Type: "List<Number>", Default: "80, 443"}
  Zones: {Type: CommaDelimitedList, Default: "a,b"}
Mappings:
  Sizes: {small: {cpu: 256, names: [x, y]}, large: {cpu: 512, names: [z]}}
Conditions:
  IsWeb: !Equals [!Ref Name, web]
  IsNot: !Not [!Condition IsWeb]
  Both: !And [!Condition IsWeb, !Equals [1, "1"]]
  Either: !Or [!Condition IsNot, !Equals [!Select [0, !Ref Zones], a]]
Resources:
  Bucket: {Type: AWS::S3::Bucket}
Outputs:
  Arn: {Value: !GetAtt Bucket.Arn, Export: {Name: !Sub "\${AWS::StackName}-arn"}, Description: its name}
  Left: {Value: x, Condition: IsNot}
`),
);
const scope: Scope = {
  ...templateScope(template, chooseValues(template, [], undefined), surroundings),
  resources: new Map([["Bucket", { ref: "s-bucket-1", attributes: { Arn: "arn:aws:s3:::s-bucket-1", Count: 3 } }]]),
  exports: new Map([["shared", "vpc-1"]]),
};
const resolve = (text: string) => resolveValue(parseTemplateText(`v: ${text}`)["v"] ?? null, scope);

describe("intrinsic functions", () => {
  const cases: [string, Json | undefined][] = [
    ["!Ref Name", "web"],
    ["!Ref Ports", ["80", "443"]],
    ["!Ref Bucket", "s-bucket-1"],
    ["!Ref AWS::Region", "eu-west-1"],
    ["!Ref AWS::NotificationARNs", ["arn:aws:sns:eu-west-1:123456789012:t"]],
    ["!Ref AWS::NoValue", undefined],
    ["!GetAtt Bucket.Arn", "arn:aws:s3:::s-bucket-1"],
    [
      '!Sub "${AWS::AccountId}/${Bucket}/${Bucket.Arn}/${!kept}/${Bucket.Count}"',
      "123456789012/s-bucket-1/arn:aws:s3:::s-bucket-1/${kept}/3",
    ],
    ['!Sub ["${a}-${Name}", {a: !Join [".", [x, y]]}]', "x.y-web"],
    ["!Join ['/', [a, !Ref Name, 7]]", "a/web/7"],
    ["!Join [',', !Ref Zones]", "a,b"],
    ["!Split ['-', a-b-c]", ["a", "b", "c"]],
    ["!Select [1, !Split ['-', a-b-c]]", "b"],
    ["!Select ['0', !GetAZs '']", "eu-west-1a"],
    ["!FindInMap [Sizes, small, cpu]", 256],
    ["!FindInMap [Sizes, !If [IsWeb, large, small], names]", ["z"]],
    ["!FindInMap [Sizes, medium, cpu, {DefaultValue: 64}]", 64],
    ["!If [IsWeb, 1, 2]", 1],
    ["!If [IsNot, 1, 2]", 2],
    ["[!If [Both, 1, 2], !If [Either, 1, 2], !If [IsNot, x, !Ref AWS::NoValue]]", [1, 1]],
    ["{a: !Ref AWS::NoValue, b: [{Condition: {StringEquals: {k: !Ref Name}}}]}", { b: [{ Condition: { StringEquals: { k: "web" } } }] }],
    ["!Base64 {'Fn::Sub': 'hello ${Name}'}", "aGVsbG8gd2Vi"],
    ["!Cidr [10.0.0.0/16, 3, 8]", ["10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24"]],
    ["!Cidr ['2001:db8::/56', 2, 64]", ["2001:db8::/64", "2001:db8:0:1::/64"]],
    ["!ImportValue shared", "vpc-1"],
    ["!Length {Ref: Ports}", 2],
    ["!ToJsonString {a: !Ref Name}", '{"a":"web"}'],
  ];
  for (const [text, value] of cases) test(text, () => assert.deepEqual(resolve(text), value));

  const refused: [string, string][] = [
    ["!Select [5, [a]]", "Template error: Fn::Select cannot select nonexistent value at index 5"],
    ["!Select [x, [a]]", "Template error: Fn::Select requires a list argument with two elements: an integer index and a list"],
    ["!FindInMap [Nope, a, b]", "Template error: Mapping named 'Nope' is not present in the 'Mappings' section of template."],
    ["!FindInMap [Sizes, small, gpu]", "Template error: Unable to get mapping for Sizes::small::gpu"],
    ["!ImportValue other", "No export named other found."],
    [
      "!Sub '${a b}'",
      "Template error: variable names in Fn::Sub syntax must contain only alphanumeric characters, underscores, periods, and colons",
    ],
    [
      "!Sub [x]",
      "Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify a string as first argument, and an optional second argument to specify a mapping of values to replace in the string",
    ],
    [
      "!Join [a]",
      "Template error: every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings to be joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined.",
    ],
    ["!Transform {Name: AWS::Include}", "Template format error: Template contains unsupported function Fn::Transform"],
    ["'{{resolve:ssm:/x}}'", "Dynamic reference {{resolve:ssm:/x}} can't be resolved: the service ssm is not here."],
    ["!Cidr [10.0.0.0/24, 9, 6]", "Template error: Fn::Cidr: 9 blocks of 6 bits each do not fit into 10.0.0.0/24"],
  ];
  for (const [text, message] of refused) test(`${text} is refused`, () => assert.throws(() => resolve(text), { message }));

  test("a value without functions is itself", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const plain = JSON.parse(JSON.stringify(value).replaceAll("{{", "{ {")) as Json;
        assert.deepEqual(resolveValue(plain, scope), plain);
      }),
    );
  });

  test("whatever is split is joined again by its delimiter", () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ minLength: 1 }), (text, delimiter) => {
        fc.pre(!text.includes("{{"));
        assert.equal(resolveValue({ "Fn::Join": [delimiter, { "Fn::Split": [delimiter, text] }] }, scope), text);
      }),
    );
  });
});

test("outputs are resolved, and left out by their condition", () => {
  assert.deepEqual(resolveOutputs(template, scope), [
    { key: "Arn", value: "arn:aws:s3:::s-bucket-1", description: "its name", exportName: "s-arn" },
  ]);
});
