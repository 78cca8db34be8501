import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { loadApp } from "../../src/cli/app/load-app.ts";
import { newApp } from "./apps.ts";

const example = join(import.meta.dirname, "../../examples/video-thumbnailer");

type Properties = Record<string, unknown>;

const load = async (source: string, files: Record<string, string> = {}) => {
  await using app = await newApp(source, files);
  const loaded = await loadApp(app.folder);
  const resource = (id: string) => {
    const found = loaded.template.Resources[id];
    assert.ok(found, `${id} among ${Object.keys(loaded.template.Resources).join(", ")}`);
    return { ...found, Properties: (found.Properties ?? {}) as Properties };
  };
  return { ...loaded, resource };
};

const refused = (source: string, message: RegExp, files: Record<string, string> = {}) => assert.rejects(load(source, files), { message });

test("the example's template has a resource for each thing the app declares, and what those need", async () => {
  const { name, template, images, zips } = await loadApp(example);
  assert.equal(name, "video-thumbnailer");
  const types = Object.fromEntries(Object.entries(template.Resources).map(([id, { Type }]) => [id, Type]));
  assert.deepEqual(types, {
    Cluster: "AWS::ECS::Cluster",
    Bucket: "AWS::S3::Bucket",
    OnNewThumbnail: "AWS::Lambda::Function",
    OnNewThumbnailLogs: "AWS::Logs::LogGroup",
    OnNewThumbnailPermission: "AWS::Lambda::Permission",
    OnNewThumbnailRole: "AWS::IAM::Role",
    OnNewVideo: "AWS::Lambda::Function",
    OnNewVideoLogs: "AWS::Logs::LogGroup",
    OnNewVideoPermission: "AWS::Lambda::Permission",
    OnNewVideoRole: "AWS::IAM::Role",
    FfmpegTask: "AWS::ECS::TaskDefinition",
    FfmpegTaskLogs: "AWS::Logs::LogGroup",
    FfmpegTaskRole: "AWS::IAM::Role",
    FfmpegTaskExecutionRole: "AWS::IAM::Role",
  });
  assert.deepEqual(Object.keys(template.Outputs ?? {}), ["BucketName"]);
  assert.deepEqual(
    images.map(({ repository }) => repository),
    ["video-thumbnailer/ffmpegtask"],
  );
  assert.equal(zips.length, 1);
});

test("no resource refers to itself by way of others", async () => {
  const { template } = await loadApp(example);
  const ids = Object.keys(template.Resources);
  const edges = new Map(
    Object.entries(template.Resources).map(([id, resource]) => {
      const text = JSON.stringify(resource);
      const targets = ids.filter((other) => text.includes(`{"Ref":"${other}"}`) || text.includes(`{"Fn::GetAtt":["${other}"`));
      return [id, [...targets, ...(resource.DependsOn ?? [])]];
    }),
  );
  const reach = (from: string, seen = new Set<string>()): Set<string> => {
    for (const next of edges.get(from) ?? []) if (!seen.has(next)) reach(next, seen.add(next));
    return seen;
  };
  for (const id of ids) assert.ok(!reach(id).has(id), `${id} is in a circle`);
});

test("the same sources give the same template, zips and tags", async () => {
  const [one, two] = [await loadApp(example), await loadApp(join(example, "app.ts"))];
  assert.deepEqual(one.template, two.template);
  assert.deepEqual(
    one.zips.map(({ key }) => key),
    two.zips.map(({ key }) => key),
  );
  assert.equal(one.images[0]?.tag, two.images[0]?.tag);
});

test("a bucket notifies functions of the keys that their filters let through, once they may be called", async () => {
  const { resource } = await load(`
    import { Bucket } from "tandem";
    const files = new Bucket("my_files");
    files.onPut("added", async () => {}, { keyPrefix: "in/", keySuffix: ".csv", memory: 512, timeout: 7, environment: { LEVEL: "3" } });
    files.onDelete("removed", async () => {});
  `);
  const { DependsOn, Properties } = resource("MyFiles");
  assert.deepEqual(DependsOn, ["AddedPermission", "RemovedPermission"]);
  const rules = [
    { Name: "prefix", Value: "in/" },
    { Name: "suffix", Value: ".csv" },
  ];
  assert.deepEqual(Properties["NotificationConfiguration"], {
    LambdaConfigurations: [
      { Event: "s3:ObjectCreated:*", Function: { "Fn::GetAtt": ["Added", "Arn"] }, Filter: { S3Key: { Rules: rules } } },
      { Event: "s3:ObjectRemoved:*", Function: { "Fn::GetAtt": ["Removed", "Arn"] } },
    ],
  });
  const added = resource("Added").Properties;
  assert.deepEqual([added["MemorySize"], added["Timeout"], added["Runtime"], added["Handler"]], [512, 7, "nodejs22.x", "index.handler"]);
  const { Variables } = added["Environment"] as { Variables: Properties };
  assert.equal(Variables["LEVEL"], "3");
  assert.equal(Variables["TANDEM_FUNCTION"], "added");
  assert.deepEqual(Variables["TANDEM_MyFiles_name"], Properties["BucketName"]);
});

test("a task gets the smallest size of Fargate that holds it", async () => {
  const { resource } = await load(`
    import * as cloud from "tandem";
    new cloud.Task("small", { image: "debian:bookworm-slim", memoryReservation: 512 });
    new cloud.Task("large", { image: "debian:bookworm-slim", cpu: 3000, memory: 9000, command: ["sleep", "1"] });
  `);
  const size = ({ Properties }: { Properties: Properties }) => [Properties["Cpu"], Properties["Memory"]];
  assert.deepEqual(size(resource("Small")), ["512", "1024"]);
  assert.deepEqual(size(resource("Large")), ["4096", "9216"]);
  const [container] = resource("Large").Properties["ContainerDefinitions"] as Properties[];
  assert.deepEqual([container?.["Memory"], container?.["Command"], container?.["Image"]], [9000, ["sleep", "1"], "debian:bookworm-slim"]);
});

test("references in the environment become the template's own", async () => {
  const { resource, template } = await load(`
    import { Bucket, Task } from "tandem";
    const bucket = new Bucket("bucket");
    new Task("work", { image: "x", environment: { URL: \`s3://\${bucket.id.get()}/in\`, NAME: bucket.id.get(), PLAIN: "p" } });
    export const where = bucket.id;
    export const note = \`bucket \${bucket.id}\`;
    export const other = () => 1;
  `);
  const [container] = resource("Work").Properties["ContainerDefinitions"] as { Environment: { Name: string; Value: unknown }[] }[];
  const variables = Object.fromEntries((container?.Environment ?? []).map(({ Name, Value }) => [Name, Value]));
  const name = resource("Bucket").Properties["BucketName"];
  assert.deepEqual(variables, { URL: { "Fn::Join": ["", ["s3://", name, "/in"]] }, NAME: name, PLAIN: "p" });
  assert.deepEqual(template.Outputs, { Where: { Value: name }, Note: { Value: { "Fn::Join": ["", ["bucket ", name]] } } });
});

test("a role reaches the whole app, or what `uses` names and nothing else", async () => {
  const { resource } = await load(`
    import { Bucket, Function, Task } from "tandem";
    const [mine, other] = [new Bucket("mine"), new Bucket("other")];
    const work = new Task("work", { image: "x", uses: [other] });
    new Function("all", { handler: async () => 1 });
    new Function("some", { handler: async () => 1, uses: [mine] });
    new Function("none", { handler: async () => 1, uses: [] });
  `);
  const actions = (id: string) => {
    const [policy] = (resource(id).Properties["Policies"] ?? []) as { PolicyDocument: { Statement: { Action: string[] }[] } }[];
    return (policy?.PolicyDocument.Statement ?? []).flatMap(({ Action }) => Action);
  };
  const text = (id: string) => JSON.stringify(resource(id).Properties);
  assert.ok(
    ["ecs:RunTask", "iam:PassRole", "s3:PutObject", "lambda:InvokeFunction"].every((action) => actions("AllRole").includes(action)),
  );
  assert.ok(text("SomeRole").includes('"mine"') && !text("SomeRole").includes('"other"') && !actions("SomeRole").includes("ecs:RunTask"));
  assert.deepEqual(actions("NoneRole"), []);
  assert.ok(text("WorkRole").includes('"other"') && !text("WorkRole").includes('"mine"'));
});

test("code in a folder is zipped as it is, for any runtime", async () => {
  const { resource, zips } = await load(
    `import { Function } from "tandem";
     new Function("counts", { code: "./python", handler: "main.handler", runtime: "python3.11" });`,
    { "python/main.py": "def handler(event, context):\n  return 1\n" },
  );
  const { Runtime, Handler, Code } = resource("Counts").Properties as { Runtime: string; Handler: string; Code: { S3Key: string } };
  assert.deepEqual([Runtime, Handler], ["python3.11", "main.handler"]);
  assert.deepEqual(
    zips.map(({ key }) => key),
    [Code.S3Key],
  );
});

test("an app that can't be deployed is told what to change", async () => {
  await refused("export {};", /declares nothing/);
  await refused('import { Bucket } from "tandem"; new Bucket("a b");', /a name is a letter/);
  await refused('import { Bucket } from "tandem"; new Bucket("a"); new Bucket("a");', /has a bucket "a" already/);
  await refused('import { Task } from "tandem"; new Task("t", { build: "./none" });', /no Dockerfile in .*none/);
  await refused('import { Task } from "tandem"; new Task("t", {} as never);', /say where its image comes from/);
  await refused('import { Task } from "tandem"; await new Task("t", { image: "x" }).run();', /from within a function/);
  await refused(
    'import { Function } from "tandem"; new Function("f", { code: "./none", handler: "a.b", runtime: "nodejs22.x" });',
    /there is no folder/,
  );
  await refused(
    'import { Function } from "tandem"; new Function("f", { handler: async () => 1, uses: [{ name: "gone" }] });',
    /uses "gone"/,
  );
  await refused('import { Bucket } from "tandem"; const x = (', /could not be bundled/);
  await refused('import { Bucket } from "tandem"; null.x;', /could not be loaded: TypeError/);
});
