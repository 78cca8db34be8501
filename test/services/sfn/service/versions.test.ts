import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CreateStateMachineAliasCommand,
  CreateStateMachineCommand,
  DeleteStateMachineAliasCommand,
  DeleteStateMachineCommand,
  DeleteStateMachineVersionCommand,
  DescribeExecutionCommand,
  DescribeStateMachineAliasCommand,
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  ListStateMachineAliasesCommand,
  ListStateMachineVersionsCommand,
  PublishStateMachineVersionCommand,
  UpdateStateMachineAliasCommand,
  UpdateStateMachineCommand,
} from "@aws-sdk/client-sfn";
import { create, openCloud, roleArn, start, untilEnded } from "./machines-in.ts";

const { client } = await openCloud();

const definitionOf = (Result: unknown) => JSON.stringify({ StartAt: "A", States: { A: { Type: "Pass", Result, End: true } } });
const update = (stateMachineArn: string, result: unknown) =>
  client.send(new UpdateStateMachineCommand({ stateMachineArn, definition: definitionOf(result), publish: true }));
/** A state machine with versions 1 and 2, whose results are their numbers. */
const withVersions = async (name: string) => {
  const machine = await create(client, name, { A: { Type: "Pass", Result: 1, End: true } });
  await client.send(new PublishStateMachineVersionCommand({ stateMachineArn: machine }));
  await update(machine, 2);
  return machine;
};
const route = (...routes: [string, number][]) => routes.map(([stateMachineVersionArn, weight]) => ({ stateMachineVersionArn, weight }));
const alias = (name: string, ...routes: [string, number][]) =>
  client.send(new CreateStateMachineAliasCommand({ name, routingConfiguration: route(...routes) }));
const versionsOf = async (stateMachineArn: string, maxResults?: number, nextToken?: string) =>
  client.send(new ListStateMachineVersionsCommand({ stateMachineArn, maxResults, nextToken }));

test("publishing a revision twice gives the same version, and numbers are never used again", async () => {
  const machine = await withVersions("published");
  const publish = (description?: string) => client.send(new PublishStateMachineVersionCommand({ stateMachineArn: machine, description }));
  assert.equal((await publish()).stateMachineVersionArn, `${machine}:2`);
  await client.send(new DeleteStateMachineVersionCommand({ stateMachineVersionArn: `${machine}:2` }));
  assert.equal((await publish("the third")).stateMachineVersionArn, `${machine}:3`);
  const described = await client.send(new DescribeStateMachineCommand({ stateMachineArn: `${machine}:3` }));
  assert.deepEqual([described.stateMachineArn, described.description, described.name], [`${machine}:3`, "the third", "published"]);
  const first = await versionsOf(machine, 1);
  const second = await versionsOf(machine, 1, first.nextToken);
  assert.deepEqual(
    [first, second].flatMap(({ stateMachineVersions = [] }) => stateMachineVersions.map((each) => each.stateMachineVersionArn)),
    [`${machine}:3`, `${machine}:1`],
  );
  assert.equal(second.nextToken, undefined);
  await assert.rejects(client.send(new DescribeStateMachineCommand({ stateMachineArn: `${machine}:2` })), {
    name: "StateMachineDoesNotExist",
  });
});

test("a state machine may be made with its first version", async () => {
  const input = { name: "versioned", definition: definitionOf(1), roleArn, publish: true, versionDescription: "first" };
  const made = await client.send(new CreateStateMachineCommand(input));
  assert.equal(made.stateMachineVersionArn, `${made.stateMachineArn}:1`);
  assert.equal((await client.send(new CreateStateMachineCommand(input))).stateMachineVersionArn, made.stateMachineVersionArn);
  for (const other of [{ publish: false, versionDescription: undefined }, { versionDescription: "other" }])
    await assert.rejects(client.send(new CreateStateMachineCommand({ ...input, ...other })), { name: "StateMachineAlreadyExists" });
});

test("executions know the version and alias that started them, and are listed by them", async () => {
  const machine = await withVersions("routed");
  const { stateMachineAliasArn: live = "" } = await alias("live", [`${machine}:1`, 100]);
  const [plain, versioned, aliased] = await Promise.all([machine, `${machine}:2`, live].map((arn) => start(client, arn)));
  const ended = await Promise.all([plain, versioned, aliased].map((arn) => untilEnded(client, arn ?? "")));
  assert.deepEqual(
    ended.map((each) => [each.output, each.stateMachineArn, each.stateMachineVersionArn, each.stateMachineAliasArn]),
    [
      ["2", machine, undefined, undefined],
      ["2", machine, `${machine}:2`, undefined],
      ["1", machine, `${machine}:1`, live],
    ],
  );
  const { events } = await client.send(new GetExecutionHistoryCommand({ executionArn: aliased, maxResults: 1 }));
  const { stateMachineAliasArn, stateMachineVersionArn } = events?.[0]?.executionStartedEventDetails ?? {};
  assert.deepEqual([stateMachineAliasArn, stateMachineVersionArn], [live, `${machine}:1`]);
  const told = async (stateMachineArn: string) => (await client.send(new ListExecutionsCommand({ stateMachineArn }))).executions ?? [];
  const listed = async (stateMachineArn: string) => (await told(stateMachineArn)).map(({ executionArn }) => executionArn);
  assert.deepEqual(await listed(live), [aliased]);
  assert.deepEqual(await listed(`${machine}:1`), [aliased]);
  assert.deepEqual(await listed(`${machine}:2`), [versioned]);
  const startedBy = (all: typeof ended | Awaited<ReturnType<typeof told>>) =>
    new Map(all.map((each) => [each.executionArn, [each.stateMachineVersionArn, each.stateMachineAliasArn]]));
  assert.deepEqual(startedBy(await told(machine)), startedBy(ended));
  await assert.rejects(listed(`${machine}:9`), { name: "StateMachineDoesNotExist" });
});

test("an alias divides executions by its weights", async () => {
  const machine = await withVersions("divided");
  const { stateMachineAliasArn = "" } = await alias("half", [`${machine}:1`, 50], [`${machine}:2`, 50]);
  const outputs = await Promise.all(
    Array.from({ length: 40 }, async () => (await untilEnded(client, await start(client, stateMachineAliasArn))).output),
  );
  assert.deepEqual(new Set(outputs), new Set(["1", "2"]));
});

test("an alias is refused that leads nowhere, to others' versions, or not all the way", async () => {
  const machine = await withVersions("strict");
  const other = await withVersions("other");
  const [one, two] = [`${machine}:1`, `${machine}:2`];
  const cases: [Promise<unknown>, string, string | RegExp][] = [
    [
      alias("none"),
      "ValidationException",
      /^1 validation error detected: Value '\[\]' at 'routingConfiguration' .* greater than or equal to 1$/,
    ],
    [
      alias("three", [one, 50], [two, 25], [`${machine}:3`, 25]),
      "ValidationException",
      /'routingConfiguration' .* less than or equal to 2$/,
    ],
    [alias("sum", [one, 50], [two, 20]), "ValidationException", "Sum of routing configuration weights must equal 100. Received: [50, 20]"],
    [alias("much", [one, 101]), "ValidationException", /'routingConfiguration\.1\.member\.weight' .* less than or equal to 100$/],
    [alias("twice", [one, 50], [one, 50]), "ValidationException", /distinct state machine version ARNs/],
    [alias("mixed", [one, 50], [`${other}:1`, 50]), "ValidationException", /versions of the same state machine/],
    [alias("gone", [`${machine}:7`, 100]), "ResourceNotFound", `Resource not found: '${machine}:7'`],
    [alias("plain", [machine, 100]), "ResourceNotFound", /./],
    [
      alias("12", [one, 100]),
      "ValidationException",
      /Value '12' at 'name' failed to satisfy constraint: Member must satisfy regular expression/,
    ],
  ];
  for (const [work, name, message] of cases) await assert.rejects(work, { name, message });
  await assert.rejects(alias("less", [one, 99]), { reason: "INVALID_ROUTING_CONFIGURATION" });
});

test("making the same alias again is no error; another of its name is refused", async () => {
  const machine = await withVersions("aliased");
  const made = await alias("live", [`${machine}:1`, 100]);
  assert.deepEqual((await alias("live", [`${machine}:1`, 100])).creationDate, made.creationDate);
  await assert.rejects(alias("live", [`${machine}:2`, 100]), {
    name: "ConflictException",
    message: "Failed to create alias because an alias with the same name and a different routing configuration already exists.",
  });
});

test("an alias is changed, described, listed by what it leads to, and holds its versions", async () => {
  const machine = await withVersions("held");
  const stateMachineAliasArn = `${machine}:live`;
  await alias("live", [`${machine}:1`, 100]);
  await alias("next", [`${machine}:2`, 100]);
  const change = (input: object) => client.send(new UpdateStateMachineAliasCommand({ stateMachineAliasArn, ...input }));
  await assert.rejects(change({}), { name: "ValidationException", reason: "MISSING_REQUIRED_PARAMETER" });
  await change({ description: "what runs" });
  await change({ routingConfiguration: route([`${machine}:1`, 90], [`${machine}:2`, 10]) });
  const { description, routingConfiguration, name } = await client.send(new DescribeStateMachineAliasCommand({ stateMachineAliasArn }));
  assert.deepEqual([name, description], ["live", "what runs"]);
  assert.deepEqual(routingConfiguration, route([`${machine}:1`, 90], [`${machine}:2`, 10]));
  const listed = async (stateMachineArn: string) =>
    (await client.send(new ListStateMachineAliasesCommand({ stateMachineArn }))).stateMachineAliases?.map(
      (each) => each.stateMachineAliasArn,
    );
  assert.deepEqual(await listed(machine), [`${machine}:next`, `${machine}:live`]);
  assert.deepEqual(await listed(`${machine}:1`), [`${machine}:live`]);
  await assert.rejects(listed(`${machine}x`), { name: "StateMachineDoesNotExist" });
  await assert.rejects(client.send(new DeleteStateMachineVersionCommand({ stateMachineVersionArn: `${machine}:1` })), {
    name: "ConflictException",
    message: "Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version: [live]",
  });
  await assert.rejects(client.send(new DeleteStateMachineVersionCommand({ stateMachineVersionArn: machine })), {
    name: "ValidationException",
  });
  await client.send(new DeleteStateMachineAliasCommand({ stateMachineAliasArn }));
  await client.send(new DeleteStateMachineVersionCommand({ stateMachineVersionArn: `${machine}:1` }));
  await assert.rejects(client.send(new DescribeStateMachineAliasCommand({ stateMachineAliasArn })), { name: "ResourceNotFound" });
});

test("an execution of a version goes on when the version is deleted, and all go with their state machine", async () => {
  const machine = await create(client, "outlived", {
    A: { Type: "Wait", Seconds: 1, Next: "B" },
    B: { Type: "Pass", Result: 1, End: true },
  });
  const { stateMachineVersionArn = "" } = await client.send(new PublishStateMachineVersionCommand({ stateMachineArn: machine }));
  const executionArn = await start(client, stateMachineVersionArn);
  await client.send(new DeleteStateMachineVersionCommand({ stateMachineVersionArn }));
  await assert.rejects(start(client, stateMachineVersionArn), { name: "StateMachineDoesNotExist" });
  assert.equal((await untilEnded(client, executionArn)).output, "1");
  await client.send(new DeleteStateMachineCommand({ stateMachineArn: machine }));
  assert.deepEqual((await versionsOf(machine)).stateMachineVersions, []);
  assert.equal((await client.send(new DescribeExecutionCommand({ executionArn }))).stateMachineVersionArn, stateMachineVersionArn);
});
