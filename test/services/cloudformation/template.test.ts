import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Fault } from "#wire/fault.ts";
import { checkCapabilities } from "#services/cloudformation/template/capabilities.ts";
import { checkActive, checkTemplate } from "#services/cloudformation/template/check-template.ts";
import { parseTemplateText } from "#services/cloudformation/template/parse-text.ts";
import { chooseValues } from "#services/cloudformation/template/parameter-values.ts";
import type { GivenParameter } from "#services/cloudformation/template/parameter-values.ts";
import { readTemplate } from "#services/cloudformation/template/read-template.ts";
import { templateScope } from "#services/cloudformation/template/scope.ts";
import type { Surroundings } from "#services/cloudformation/template/scope.ts";

const surroundings: Surroundings = {
  region: "us-east-1",
  accountId: "000000000000",
  partition: "aws",
  urlSuffix: "amazonaws.com",
  stackId: "arn:aws:cloudformation:us-east-1:000000000000:stack/s/1",
  stackName: "s",
  notificationArns: [],
};
const typeOf = (type: string) => (type.startsWith("AWS::") && type !== "AWS::No::Such" ? { attributes: ["Arn", "Outputs.*"] } : undefined);
const read = (text: string) => readTemplate(parseTemplateText(text));
const check = (text: string) => checkTemplate(read(text), typeOf);
const checkWith = (text: string, parameters: GivenParameter[] = []) => {
  const template = read(text);
  checkTemplate(template, typeOf);
  checkActive(template, templateScope(template, chooseValues(template, parameters, undefined), surroundings));
};
const refuses = (what: () => void, message: string, code = "ValidationError") =>
  assert.throws(what, (error) => {
    assert.ok(error instanceof Fault, String(error));
    assert.equal(error.message, message);
    assert.equal(error.code, code);
    return true;
  });
const bucket = "Resources:\n  B:\n    Type: AWS::S3::Bucket\n";

describe("the text of a template", () => {
  test("short forms of YAML are the functions that they stand for", () => {
    const value = parseTemplateText(
      "a: !Ref X\nb: !GetAtt X.Y.Z\nc: !Sub ['${a}', {a: !Ref B}]\nd: !Join\n  - ','\n  - [!Ref A]\ne: !If [C, 1, 2]\nf: !Condition C\ng: !GetAtt [X, Y]",
    );
    assert.deepEqual(value, {
      a: { Ref: "X" },
      b: { "Fn::GetAtt": ["X", "Y.Z"] },
      c: { "Fn::Sub": ["${a}", { a: { Ref: "B" } }] },
      d: { "Fn::Join": [",", [{ Ref: "A" }]] },
      e: { "Fn::If": ["C", 1, 2] },
      f: { Condition: "C" },
      g: { "Fn::GetAtt": ["X", "Y"] },
    });
  });

  test("dates, account ids and versions stay the text that they are", () => {
    assert.deepEqual(parseTemplateText("a: 2012-10-17\nb: 012345678901\nc: 1.10\nd: 7\ne: 1.5\nf: yes\ng: 12:30:00"), {
      a: "2012-10-17",
      b: "012345678901",
      c: "1.10",
      d: 7,
      e: 1.5,
      f: true,
      g: "12:30:00",
    });
  });

  test("a text that is neither YAML nor JSON is refused with the place", () => {
    refuses(() => parseTemplateText("a: [1"), "Template format error: YAML not well-formed. (line 1, column 6)");
    refuses(() => parseTemplateText('{"a": 1,}'), "Template format error: JSON not well-formed. (line 1, column 9)");
    refuses(() => parseTemplateText("just words"), "Template format error: unsupported structure.");
    refuses(() => parseTemplateText("a: &x 1\nb: *x"), "Template error: YAML aliases are not allowed in CloudFormation templates");
  });

  test("bombs do no harm", () => {
    refuses(() => parseTemplateText("[".repeat(40_000)), "Template format error: unsupported structure.");
    refuses(() => parseTemplateText(`{"a":${"[".repeat(400)}${"]".repeat(400)}}`), "Template format error: unsupported structure.");
    assert.throws(() => parseTemplateText(`a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]`), Fault);
  });

  test("members named like those of JavaScript objects are ordinary", () => {
    const template = read('{"Resources":{"constructor":{"Type":"AWS::S3::Bucket"}},"Outputs":{"o":{"Value":{"Ref":"toString"}}}}');
    refuses(
      () => checkTemplate(template, typeOf),
      "Template format error: Unresolved resource dependencies [toString] in the Outputs block of the template",
    );
  });
});

describe("the sections of a template", () => {
  const cases: [string, string, string][] = [
    ["without resources", "Description: x", "Template format error: At least one Resources member must be defined."],
    ["with an unknown section", `${bucket}Foo: 1`, "Invalid template property or properties [Foo]"],
    ["with an unknown member of a resource", `${bucket}    Foo: 1`, "Invalid template resource property 'Foo'"],
    [
      "with a resource without a type",
      "Resources: {B: {Properties: {}}}",
      "Template format error: [/Resources/B] Every Resources object must contain a Type member.",
    ],
    [
      "with a name that is not alphanumeric",
      "Resources: {a-b: {Type: AWS::S3::Bucket}}",
      "Template format error: Resources name 'a-b' is non alphanumeric.",
    ],
    [
      "with null",
      `${bucket}    Properties: {BucketName: null}`,
      "Template format error: [/Resources/B/Properties/BucketName] 'null' values are not allowed in templates",
    ],
    ["with the wrong version", `AWSTemplateFormatVersion: 2011-01-01\n${bucket}`, "Template format error: Unsupported template version."],
    ["with SAM's transform", `Transform: AWS::Serverless-2016-10-31\n${bucket}`, "No transform named AWS::Serverless-2016-10-31 found."],
    [
      "with a snapshot policy",
      `${bucket}    DeletionPolicy: Snapshot`,
      "Template error: DeletionPolicy Snapshot is not supported for resource B: its type has no snapshots.",
    ],
    [
      "with an unknown policy",
      `${bucket}    DeletionPolicy: Keep`,
      "Template format error: Unrecognized DeletionPolicy Keep for resource B",
    ],
    [
      "with an output without a value",
      `${bucket}Outputs: {O: {Description: x}}`,
      "Template format error: Every Outputs member must contain a Value object",
    ],
    [
      "with an unknown type",
      "Resources: {B: {Type: AWS::No::Such}}",
      "Template format error: Unrecognized resource types: [AWS::No::Such]",
    ],
  ];
  for (const [name, text, message] of cases) test(`a template ${name} is refused`, () => refuses(() => check(text), message));

  test("what signals is refused by name", () => {
    assert.throws(() => check(`${bucket}    CreationPolicy: {ResourceSignal: {Count: 1}}`), /CreationPolicy is not supported/);
  });
});

describe("references", () => {
  const cases: [string, string, string][] = [
    [
      "an unknown resource",
      `${bucket}    Properties: {BucketName: !Ref X, Y: !Sub "\${Z}"}`,
      "Template format error: Unresolved resource dependencies [X, Z] in the Resources block of the template",
    ],
    [
      "an unknown resource in DependsOn",
      `${bucket}    DependsOn: X`,
      "Template format error: Unresolved resource dependencies [X] in the Resources block of the template",
    ],
    [
      "an unknown resource's attribute",
      `${bucket}Outputs: {O: {Value: !GetAtt X.Arn}}`,
      "Template error: instance of Fn::GetAtt references undefined resource X",
    ],
    [
      "an unknown mapping",
      `${bucket}Outputs: {O: {Value: !FindInMap [Nope, a, b]}}`,
      "Template error: Mapping named 'Nope' is not present in the 'Mappings' section of template.",
    ],
    [
      "an unknown name in a mapping",
      `${bucket}Mappings: {M: {a: {b: c}}}\nOutputs: {O: {Value: !FindInMap [M, a, x]}}`,
      "Template error: Unable to get mapping for M::a::x",
    ],
    [
      "an unknown attribute",
      `${bucket}Outputs: {O: {Value: !GetAtt B.Arm}}`,
      "Template error: resource B does not support attribute type Arm in Fn::GetAtt",
    ],
    [
      "an unknown condition",
      `${bucket}    Condition: C`,
      "Template format error: Unresolved condition dependency C in the Resources block of the template",
    ],
    [
      "an unknown condition in Fn::If",
      `${bucket}    Properties: {A: !If [C, 1, 2]}`,
      "Template error: unresolved condition dependency C in Fn::If",
    ],
    [
      "a resource in a condition",
      `${bucket}Conditions: {C: !Equals [!Ref B, x]}`,
      "Template format error: Unresolved dependencies [B]. Cannot reference resources in the Conditions block of the template",
    ],
    [
      "itself, for a condition",
      `${bucket}Conditions: {C: !Not [!Condition D], D: !Not [!Condition C]}`,
      "Template error: Found circular condition dependency between C and D",
    ],
    [
      "nothing, for Fn::GetAtt",
      `${bucket}Outputs: {O: {Value: !GetAtt B}}`,
      "Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute",
    ],
    [
      "too few, for Fn::And",
      `${bucket}Conditions: {C: !And [!Equals [a, a]]}`,
      "Template error: every Fn::And object requires a list of at least 2 and at most 10 boolean parameters.",
    ],
    [
      "a plain value as a condition",
      `${bucket}Conditions: {C: "true"}`,
      "Template format error: Conditions can only be boolean operations on parameters and other conditions",
    ],
  ];
  for (const [name, text, message] of cases) test(`a reference to ${name} is refused`, () => refuses(() => check(text), message));

  test("resources that need each other in a circle are named, those around them are not", () => {
    const text =
      "Resources:\n  A: {Type: AWS::S3::Bucket, Properties: {X: !Ref B}}\n  B: {Type: AWS::S3::Bucket, DependsOn: C}\n" +
      "  C: {Type: AWS::S3::Bucket, Properties: {X: !GetAtt A.Arn}}\n  D: {Type: AWS::S3::Bucket, DependsOn: A}\n  E: {Type: AWS::S3::Bucket}";
    refuses(() => checkWith(text), "Circular dependency between resources: [A, B, C]");
  });

  test("a resource that its condition leaves out can't be referred to, but by a branch that is not chosen", () => {
    const text = (value: string) =>
      `Parameters: {P: {Type: String, Default: "no"}}\nConditions: {C: !Equals [!Ref P, "yes"]}\nResources:\n  A: {Type: AWS::S3::Bucket, Condition: C}\n  B: {Type: AWS::S3::Bucket, Properties: {X: ${value}}}`;
    refuses(
      () => checkWith(text("!Ref A")),
      "Template format error: Unresolved resource dependencies [A] in the Resources block of the template",
    );
    checkWith(text("!If [C, !Ref A, !Ref AWS::NoValue]"));
    checkWith(text("!Ref A"), [{ ParameterKey: "P", ParameterValue: "yes" }]);
  });
});

describe("parameters", () => {
  const values = (declaration: string, value?: string) =>
    chooseValues(
      read(`Parameters: {P: ${declaration}}\n${bucket}`),
      value === undefined ? [] : [{ ParameterKey: "P", ParameterValue: value }],
      undefined,
    );
  const cases: [string, string, string | undefined, string][] = [
    ["without a value", "{Type: String}", undefined, "Parameters: [P] must have values"],
    ["outside of AllowedValues", "{Type: String, AllowedValues: [a, b]}", "c", "Parameter 'P' must be one of AllowedValues"],
    ["that misses its pattern", "{Type: String, AllowedPattern: '[a-z]+'}", "a1", "Parameter 'P' must match pattern [a-z]+"],
    [
      "that misses a described constraint",
      "{Type: String, AllowedPattern: '[a-z]+', ConstraintDescription: only letters}",
      "a1",
      "Parameter 'P' failed to satisfy constraint: only letters",
    ],
    [
      "whose pattern backtracks without end",
      "{Type: String, AllowedPattern: '(a+)+b'}",
      "a".repeat(64),
      "AllowedPattern (a+)+b takes too long to match.",
    ],
    ["whose pattern is none", "{Type: String, AllowedPattern: '(a'}", "a", "Invalid AllowedPattern: (a"],
    ["that is too short", "{Type: String, MinLength: 3}", "ab", "Parameter 'P' must contain at least 3 characters"],
    ["that is too long", "{Type: String, MaxLength: 3}", "abcd", "Parameter 'P' must contain at most 3 characters"],
    ["that is too small", "{Type: Number, MinValue: 3}", "2", "Parameter 'P' must be a number not less than 3"],
    ["that is too great", "{Type: 'List<Number>', MaxValue: 3}", "1,4", "Parameter 'P' must be a number not greater than 3"],
    ["that is no number", "{Type: Number}", "x", "Parameter 'P' must be a number"],
  ];
  for (const [name, declaration, value, message] of cases)
    test(`a parameter ${name} is refused`, () => refuses(() => values(declaration, value), message));

  test("an unknown parameter is refused, and a previous value is used where one is", () => {
    const template = read(`Parameters: {P: {Type: String}}\n${bucket}`);
    refuses(
      () => chooseValues(template, [{ ParameterKey: "Q", ParameterValue: "1" }], undefined),
      "Parameters: [Q] do not exist in the template",
    );
    assert.deepEqual(chooseValues(template, [{ ParameterKey: "P", UsePreviousValue: true }], { P: "before" }), { P: "before" });
    refuses(
      () => chooseValues(template, [{ ParameterKey: "P", UsePreviousValue: true }], undefined),
      "Invalid input for parameter key P. Cannot specify usePreviousValue as true for a parameter key not in the previous template",
    );
  });

  test("types that AWS looks up elsewhere are refused by name", () => {
    assert.throws(() => values("{Type: 'AWS::SSM::Parameter::Value<String>'}"), /AWS::SSM::Parameter::Value<String> is not supported/);
    refuses(() => values("{Type: Text}"), "Template format error: Unrecognized parameter type: Text");
  });
});

describe("loops", () => {
  const text = (items: string) => `
Transform: AWS::LanguageExtensions
Parameters: {Names: {Type: CommaDelimitedList, Default: "a,b.c"}}
Resources:
  Fn::ForEach::Groups:
    - Name
    - ${items}
    - "Group&{Name}":
        Type: AWS::Logs::LogGroup
        Properties:
          LogGroupName: !Sub "/\${AWS::StackName}/\${Name}"
          Tag: !Ref Name
          Fn::ForEach::Inner: [I, [x, y], {"k\${I}": "\${I}-\${Name}"}]
`;
  test("a loop makes a member of each item of a list or a parameter", () => {
    const { resources } = readTemplate(parseTemplateText(text("!Ref Names")));
    assert.deepEqual([...resources.keys()], ["Groupa", "Groupbc"]);
    assert.deepEqual(resources.get("Groupbc")?.properties, {
      LogGroupName: { "Fn::Sub": "/${AWS::StackName}/b.c" },
      Tag: "b.c",
      kx: "x-b.c",
      ky: "y-b.c",
    });
    assert.deepEqual([...readTemplate(parseTemplateText(text("!Ref Names")), { Names: "z" }).resources.keys()], ["Groupz"]);
    assert.deepEqual([...readTemplate(parseTemplateText(text("[q]"))).resources.keys()], ["Groupq"]);
  });

  test("a loop of another form is refused", () => {
    refuses(() => read(text("!GetAtt X.Y")), "Transform AWS::LanguageExtensions failed with: Fn::ForEach layout is incorrect");
  });
});

test("IAM resources need a capability, and named ones the stronger", () => {
  const role = (name: string) => read(`Resources: {R: {Type: AWS::IAM::Role, Properties: {${name}}}}`);
  refuses(() => checkCapabilities(role(""), []), "Requires capabilities : [CAPABILITY_IAM]", "InsufficientCapabilitiesException");
  refuses(
    () => checkCapabilities(role("RoleName: x"), ["CAPABILITY_IAM"]),
    "Requires capabilities : [CAPABILITY_NAMED_IAM]",
    "InsufficientCapabilitiesException",
  );
  checkCapabilities(role("RoleName: x"), ["CAPABILITY_NAMED_IAM"]);
  checkCapabilities(role(""), ["CAPABILITY_NAMED_IAM"]);
  checkCapabilities(read(bucket), []);
});
