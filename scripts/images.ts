import { baseImage, ensureBaseImage } from "./base-image.ts";
import { findEngine } from "./find-engine.ts";
import { ensureImage, type Image, say } from "./image-build.ts";

const runtimeBase = "tandem/runtime-base:latest";

const nodeBase = "tandem/runtime-nodejs:latest";

const nodeBinary = (architecture: string): Readonly<Record<string, string>> => ({ node: `node-linux-${architecture}/bin/node` });

/** What set-up builds, in groups: the images of a group start from those of the groups before it. */
const groups: readonly (readonly Image[])[] = [
  [
    { tag: "tandem/sandbox:latest", folder: "sandbox", parent: baseImage },
    { tag: runtimeBase, folder: "runtime-base", parent: baseImage },
  ],
  [
    { tag: nodeBase, folder: "nodejs", parent: runtimeBase, packages: () => ({ node_modules: "." }) },
    { tag: "tandem/runtime:python3.11", folder: "python3.11", parent: runtimeBase, runtime: "python" },
    { tag: "tandem/runtime:provided.al2023", folder: "provided.al2023", parent: runtimeBase, runtime: "provided" },
  ],
  [
    { tag: "tandem/runtime:nodejs22.x", folder: "nodejs22.x", parent: nodeBase, runtime: "nodejs", packages: nodeBinary },
    { tag: "tandem/runtime:nodejs24.x", folder: "nodejs24.x", parent: nodeBase, runtime: "nodejs", packages: nodeBinary },
  ],
];

const docker = await findEngine();
await ensureBaseImage(docker);
let built = 0;
for (const group of groups) {
  await Promise.all(
    group.map(async (image) => {
      if (!(await ensureImage(docker, image))) return;
      say(`built ${image.tag}`);
      built += 1;
    }),
  );
}
if (built === 0) say("images are up to date");
