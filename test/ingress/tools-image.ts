import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { shellImage } from "../engine/test-image.ts";

const run = promisify(execFile);
const name = "tandem/test-tools:latest";

/** An image with curl and openssl from Debian's packages, built once on a machine. */
export const toolsImage = async (): Promise<string> => {
  if (
    await run("docker", ["image", "inspect", name]).then(
      () => true,
      () => false,
    )
  )
    return name;
  const image = await shellImage();
  const dockerfile = `FROM ${image}\nRUN apt-get update && apt-get install -y --no-install-recommends curl openssl && rm -rf /var/lib/apt/lists/*\n`;
  const building = run("docker", ["build", "-t", name, "-"], { env: { ...process.env, DOCKER_BUILDKIT: "0" } });
  building.child.stdin?.end(dockerfile);
  await building;
  return name;
};
