import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { shellImage } from "../engine/test-image.ts";

const run = promisify(execFile);

const builtOnce = async (name: string, packages: string): Promise<string> => {
  if (
    await run("docker", ["image", "inspect", name]).then(
      () => true,
      () => false,
    )
  )
    return name;
  const dockerfile = `FROM ${await shellImage()}\nRUN apt-get update && apt-get install -y --no-install-recommends ${packages} && rm -rf /var/lib/apt/lists/*\n`;
  const building = run("docker", ["build", "-t", name, "-"], { env: { ...process.env, DOCKER_BUILDKIT: "0" } });
  building.child.stdin?.end(dockerfile);
  await building;
  return name;
};

/** An image with curl and openssl from Debian's packages. */
export const toolsImage = (): Promise<string> => builtOnce("tandem/test-tools:latest", "curl openssl");

/** Debian's AWS CLI 2.9, which does not know `AWS_ENDPOINT_URL`. */
export const awsCliImage = (): Promise<string> => builtOnce("tandem/test-awscli:latest", "awscli");
