import * as cloud from "tandem";

type Frame = { name: string; clock: number };

const bucket = new cloud.Bucket("bucket");

// Puts the files of a scene's zip where the containers find them.
const unpack = new cloud.Function<{ bucket: string; scene: string; folder: string }, { folder: string }>("unpack", {
  code: "./unpack",
  handler: "main.handler",
  runtime: "python3.11",
  uses: [bucket],
});

// POV-Ray and ImageMagick, as Debian has them.
const studio = new cloud.Task("studio", { build: "./studio", memoryReservation: 512, uses: [bucket] });

const render = cloud
  .workflow<{ scene: string }>()
  .invoke("Unpack the scene", unpack, {
    input: ({ scene }) => ({ bucket: bucket.id, scene, folder: cloud.text`work/${cloud.context.Execution.Name}` }),
  })
  // One container for each frame that `frames.json` lists, be it six or six thousand.
  .map(
    "Render the frames",
    ({ folder }) =>
      cloud
        .each(cloud.jsonIn<Frame>(bucket, cloud.text`${folder}/frames.json`))
        .select(({ name, clock }) => ({ picture: cloud.text`${folder}/pictures/${name}.png`, clock, folder })),
    (frame) =>
      frame
        .run("Render a frame", studio, {
          command: ["render"],
          environment: ({ folder, picture, clock }) => ({
            BUCKET: bucket.id,
            FOLDER: folder,
            PICTURE: picture,
            CLOCK: cloud.text`${clock}`,
          }),
        })
        .retry({ attempts: 2 }),
    { concurrency: 3, output: (frames, { folder }) => ({ frames: cloud.jsonata<number>`$count(${frames})`, folder }) },
  )
  .run("Assemble the film", studio, {
    command: ["assemble"],
    environment: ({ folder }) => ({ BUCKET: bucket.id, FOLDER: folder }),
  })
  .pass("Done", ({ frames, folder }) => ({ frames, film: cloud.text`${folder}/film.gif`, sheet: cloud.text`${folder}/sheet.png` }));

const machine = new cloud.StateMachine("render", { definition: render, timeout: 3600 });

bucket.onPut(
  "onScene",
  async ({ key }) => {
    const { executionArn } = await machine.start({ scene: key });
    console.log(`*** Rendering ${key}: ${executionArn}.`);
  },
  { keySuffix: ".zip", uses: [machine] },
);

export const bucketName = bucket.id;
export const renderArn = machine.arn;
