import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const fallback = "tandem/test-busybox:latest";

/** Images with a shell for tests: Debian's slim one where the set-up has made it, else a busybox from Debian's package. */
export const shellImage = async (): Promise<string> => {
  for (const image of ["debian:bookworm-slim", fallback]) {
    if (
      await run("docker", ["image", "inspect", image]).then(
        () => true,
        () => false,
      )
    )
      return image;
  }
  const folder = await mkdtemp(join(tmpdir(), "tandem-busybox-"));
  try {
    await run("apt-get", ["download", "busybox-static"], { cwd: folder });
    const [archive = ""] = await readdir(folder);
    await run("dpkg-deb", ["-x", archive, "root"], { cwd: folder });
    await run(
      "sh",
      [
        "-c",
        "mkdir -p root/tmp root/etc && root/bin/busybox --install -s root/bin && tar -C root -c . | docker import -c 'CMD [\"sh\"]' - $0",
        fallback,
      ],
      { cwd: folder },
    );
    return fallback;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** A network sandbox for the engine: `tandem/sandbox` or `debian:bookworm-slim`; without either the test image stands in. */
export const provideSandbox = async (image: string): Promise<void> => {
  for (const name of ["tandem/sandbox", "debian:bookworm-slim"]) {
    if (
      await run("docker", ["image", "inspect", name]).then(
        () => true,
        () => false,
      )
    )
      return;
  }
  const { stdout } = await run("docker", ["create", image, "true"]);
  await run("docker", ["commit", "-c", 'CMD ["sleep", "2147483647"]', stdout.trim(), "tandem/sandbox"]);
  await run("docker", ["rm", stdout.trim()]);
};
