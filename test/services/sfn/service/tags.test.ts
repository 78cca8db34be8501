import assert from "node:assert/strict";
import { test } from "node:test";
import { CreateActivityCommand, CreateStateMachineCommand, ListTagsForResourceCommand, TagResourceCommand } from "@aws-sdk/client-sfn";
import { create, openCloud, roleArn } from "./machines-in.ts";

const { client } = await openCloud();

const pass = { Only: { Type: "Pass", End: true } };
const many = (count: number) => Array.from({ length: count }, (_, index) => ({ key: `k${index}`, value: "v" }));
const tag = (resourceArn: string, tags: { key: string; value: string }[]) => client.send(new TagResourceCommand({ resourceArn, tags }));
const tagsOf = async (resourceArn: string) => (await client.send(new ListTagsForResourceCommand({ resourceArn }))).tags ?? [];

test("fifty tags are the most, from the start or one after the other", async () => {
  const definition = JSON.stringify({ StartAt: "Only", States: pass });
  const wrong = { name: "TooManyTags" };
  await assert.rejects(client.send(new CreateStateMachineCommand({ name: "many", definition, roleArn, tags: many(51) })), wrong);
  await assert.rejects(client.send(new CreateActivityCommand({ name: "many", tags: many(51) })), wrong);
  const made = await client.send(new CreateStateMachineCommand({ name: "many", definition, roleArn, tags: many(50) }));
  const arn = made.stateMachineArn ?? "";
  await tag(arn, [{ key: "k0", value: "changed" }]);
  await assert.rejects(tag(arn, [{ key: "k50", value: "v" }]), wrong);
  assert.equal((await tagsOf(arn)).length, 50);
});

test("tags keep to AWS's lengths, characters and prefix", async () => {
  const arn = await create(client, "tagged", pass);
  const cases: [string, string, RegExp][] = [
    ["aws:mine", "v", /aws: prefixed tag key names are not allowed/],
    ["k!", "v", /Invalid tag key: 'k!'/],
    ["k", "<v>", /Invalid tag value: '<v>'/],
    ["", "v", /'tags\.1\.member\.key' failed to satisfy constraint: Member must have length greater than or equal to 1/],
    ["k".repeat(129), "v", /Member must have length less than or equal to 128/],
    ["k", "v".repeat(257), /Member must have length less than or equal to 256/],
  ];
  for (const [key, value, message] of cases) await assert.rejects(tag(arn, [{ key, value }]), { name: "ValidationException", message });
  await tag(arn, [{ key: "Größe a_.:/=+-@1", value: "" }]);
  assert.deepEqual(await tagsOf(arn), [{ key: "Größe a_.:/=+-@1", value: "" }]);
});

test("tags that come at the same moment are all kept", async () => {
  const arn = await create(client, "busy", pass);
  await Promise.all(many(20).map((each) => tag(arn, [each])));
  assert.equal((await tagsOf(arn)).length, 20);
});

test("an activity carries tags, and nothing else does", async () => {
  const { activityArn = "" } = await client.send(new CreateActivityCommand({ name: "work", tags: many(1) }));
  assert.deepEqual(await tagsOf(activityArn), many(1));
  const unknown = `${activityArn}er`;
  await assert.rejects(tagsOf(unknown), { name: "ResourceNotFound", message: `Resource not found: '${unknown}'`, resourceName: unknown });
});
