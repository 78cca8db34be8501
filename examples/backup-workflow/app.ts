import * as cloud from "tandem";

/** A folder of the bucket, `instances/<name>/`, whose `instance.json` says how it is backed up. */
type Instance = { name: string; backup: "snapshot" | "image" };
type Backup = { instance: string; type: string; key: string };

const bucket = new cloud.Bucket("bucket");

const findInstances = new cloud.Function("findInstances", {
  handler: async ({ prefix }: { prefix: string }): Promise<Instance[]> => {
    const { GetObjectCommand, paginateListObjectsV2, S3Client } = await import("@aws-sdk/client-s3");
    const [client, Bucket] = [new S3Client(), bucket.id.get()];
    const found: Instance[] = [];
    for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket, Prefix: prefix }))
      for (const { Key = "" } of Contents.filter((object) => object.Key?.endsWith("/instance.json"))) {
        const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
        const { backup } = JSON.parse((await Body?.transformToString()) ?? "{}") as { backup: Instance["backup"] };
        found.push({ name: Key.slice(prefix.length).replace("/instance.json", ""), backup });
      }
    return found;
  },
  uses: [bucket],
});

// A snapshot is a copy of each file, which the bucket makes by itself: a function is all it takes.
const createSnapshot = new cloud.Function("createSnapshot", {
  handler: async ({ name, run }: { name: string; run: string }): Promise<Backup> => {
    const { CopyObjectCommand, paginateListObjectsV2, S3Client } = await import("@aws-sdk/client-s3");
    const [client, Bucket, key] = [new S3Client(), bucket.id.get(), `backups/${run}/${name}/`];
    for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket, Prefix: `instances/${name}/` }))
      for (const { Key = "" } of Contents) {
        const copy = { Bucket, CopySource: encodeURI(`${Bucket}/${Key}`), Key: key + Key.slice(`instances/${name}/`.length) };
        await client.send(new CopyObjectCommand(copy));
      }
    return { instance: name, type: "snapshot", key };
  },
  uses: [bucket],
});

// An image is one archive of all files, which may be of any size and take any time: that is for a container.
const archive = new cloud.Task("archive", { build: "./archive", memoryReservation: 512, uses: [bucket] });

const backUp = cloud
  .workflow()
  .invoke("Find instances", findInstances, { input: () => ({ prefix: "instances/" }) })
  .pass("Count instances", (instances) => ({ instances, count: cloud.jsonata<number>`$count(${instances})` }))
  .choice("Any instances", (choice) =>
    choice
      .when(
        ({ count }) => cloud.jsonata<boolean>`${count} = 0`,
        (none) => none.fail("No instances", "NoInstances"),
      )
      .otherwise((some) => some),
  )
  .map(
    "Iterate instances",
    ({ instances }) => cloud.each(instances).select(({ name, backup }) => ({ name, backup, run: cloud.context.Execution.Name })),
    (instance) =>
      instance.choice("Select backup type", (choice) =>
        choice
          .when(
            ({ backup }) => cloud.jsonata<boolean>`${backup} = "snapshot"`,
            (chosen) => chosen.invoke("Create snapshot", createSnapshot),
          )
          .otherwise((chosen) =>
            chosen
              .pass("Name image", ({ name, run }) => ({ instance: name, type: "image", key: cloud.text`backups/${run}/${name}.tar.gz` }))
              .run("Create image", archive, { environment: ({ instance: name, key }) => ({ BUCKET: bucket.id, INSTANCE: name, KEY: key }) })
              .retry({ errors: ["States.TaskFailed"], attempts: 2 }),
          ),
      ),
    { concurrency: 2 },
  )
  .pass("Done", (backups) => ({ count: cloud.jsonata<number>`$count(${backups})`, backups }));

const machine = new cloud.StateMachine("backup", { definition: backUp, timeout: 3600, logging: "ERROR" });

export const bucketName = bucket.id;
export const backupArn = machine.arn;
