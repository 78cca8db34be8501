import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { text } from "node:stream/consumers";
import { PassThrough } from "node:stream";
import type Docker from "dockerode";
import { findEngine } from "../scripts/find-engine.ts";

/** Runs a shell line in a new container of the image and answers with its output. */
const shell = async (docker: Docker, image: string, line: string): Promise<string> => {
  const output = new PassThrough();
  const said = text(output);
  const options = { Entrypoint: ["/bin/sh", "-c"], HostConfig: { AutoRemove: false } };
  const [{ StatusCode: code }, container] = await docker.run(image, [line], output, options);
  await container.remove({ force: true });
  output.end();
  assert.equal(code, 0, await said);
  return (await said).replaceAll("\r\n", "\n");
};

describe("images", () => {
  let docker: Docker;
  before(async () => {
    docker = await findEngine();
  });

  for (const line of [22, 24]) {
    test(`nodejs${line}.x runs Node ${line}`, async () => {
      assert.match(await shell(docker, `tandem/runtime:nodejs${line}.x`, "node --version"), new RegExp(`^v${line}\\.`));
    });
  }

  test("functions on Node find the AWS SDK, required or imported", async () => {
    const line = [
      `echo 'import { S3Client } from "@aws-sdk/client-s3"; import { Upload } from "@aws-sdk/lib-storage"; console.log(S3Client.name, Upload.name)' > /var/task/a.mjs`,
      `echo 'console.log(require("@aws-sdk/lib-dynamodb").DynamoDBDocumentClient.name)' > /var/task/b.cjs`,
      "node /var/task/a.mjs && node /var/task/b.cjs",
    ].join("\n");
    assert.equal(await shell(docker, "tandem/runtime:nodejs22.x", line), "S3Client Upload\nDynamoDBDocumentClient\n");
  });

  test("python3.11 runs Python 3.11 with boto3", async () => {
    const said = await shell(docker, "tandem/runtime:python3.11", `python3.11 -c 'import boto3, sys; print(sys.version, boto3.__name__)'`);
    assert.match(said, /^3\.11\.[\s\S]*boto3\s*$/);
  });

  test("provided.al2023 runs the bootstrap of the function's code, and says when there is none", async () => {
    const image = "tandem/runtime:provided.al2023";
    // A container that is one function's alone is told so from the start, and asks nobody for its code.
    const own = `export AWS_LAMBDA_FUNCTION_NAME=f; printf '#!/bin/bash\\necho mine' > /var/task/bootstrap && chmod +x /var/task/bootstrap && exec /var/runtime/bootstrap`;
    assert.equal((await shell(docker, image, own)).trim(), "mine");
    assert.match(await shell(docker, image, "AWS_LAMBDA_FUNCTION_NAME=f /var/runtime/bootstrap || true"), /Couldn't find valid bootstrap/);
  });

  for (const runtime of ["nodejs24.x", "python3.11", "provided.al2023"]) {
    test(`${runtime} ends when the cloud that started it is gone`, async () => {
      const line = "AWS_LAMBDA_FUNCTION_NAME=f AWS_LAMBDA_RUNTIME_API=127.0.0.1:1 timeout 20 /var/runtime/bootstrap; echo ended $?";
      assert.match(await shell(docker, `tandem/runtime:${runtime}`, line), /ended (?!124)\d+/);
    });
  }

  for (const runtime of ["nodejs22.x", "nodejs24.x", "python3.11", "provided.al2023"]) {
    test(`${runtime} has the folders, the user and the environment of AWS`, async () => {
      const line = `pwd; ls /var/task /opt; id sbx_user1051; echo $LANG $TZ $LAMBDA_TASK_ROOT $LAMBDA_RUNTIME_DIR; stat -c %a /tmp; locale 2>&1 | head -n 1`;
      assert.equal(
        await shell(docker, `tandem/runtime:${runtime}`, line),
        [
          "/var/task",
          "/opt:",
          "",
          "/var/task:",
          "uid=993(sbx_user1051) gid=990(sbx_user1051) groups=990(sbx_user1051)",
          "en_US.UTF-8 :UTC /var/task /var/runtime",
          "1777",
          "LANG=en_US.UTF-8",
          "",
        ].join("\n"),
      );
    });
  }

  test("the base image installs Debian's packages as it is", async () => {
    const said = await shell(
      docker,
      "debian:bookworm-slim",
      "apt-get update -q && apt-get install -qy --no-install-recommends curl >/dev/null 2>&1 && curl --version && ls /usr/share/man",
    );
    assert.match(said, /bookworm-security/);
    assert.match(said, /^curl \d/m);
  });

  test("the sandbox image ends at once when it is stopped", async () => {
    const container = await docker.createContainer({ Image: "tandem/sandbox" });
    try {
      await container.start();
      const started = performance.now();
      await container.stop({ t: 10 });
      assert.ok(performance.now() - started < 5_000);
    } finally {
      await container.remove({ force: true });
    }
  });
});
