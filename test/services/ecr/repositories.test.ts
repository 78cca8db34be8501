import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { promisify } from "node:util";
import {
  BatchCheckLayerAvailabilityCommand,
  BatchDeleteImageCommand,
  BatchGetImageCommand,
  CompleteLayerUploadCommand,
  CreateRepositoryCommand,
  DeleteRepositoryCommand,
  DeleteRepositoryPolicyCommand,
  DescribeImagesCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
  GetDownloadUrlForLayerCommand,
  GetRepositoryPolicyCommand,
  InitiateLayerUploadCommand,
  ListImagesCommand,
  ListTagsForResourceCommand,
  PutImageCommand,
  PutImageTagMutabilityCommand,
  PutLifecyclePolicyCommand,
  SetRepositoryPolicyCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UploadLayerPartCommand,
} from "@aws-sdk/client-ecr";
import { newCloud } from "../../cloud.ts";
import { newImage, pushImage, putManifest, sha256 } from "./pushes.ts";

const aws = process.env["TANDEM_TEST_AWS_OLD"] ?? "/usr/bin/aws";

test("a repository is created with its settings, described, tagged and deleted", async () => {
  await using cloud = await newCloud();
  const ecr = new ECRClient(cloud.client);
  const { repository } = await ecr.send(
    new CreateRepositoryCommand({
      repositoryName: "team/app",
      imageTagMutability: "IMMUTABLE",
      imageScanningConfiguration: { scanOnPush: true },
      tags: [{ Key: "team", Value: "a" }],
    }),
  );
  assert.equal(repository?.repositoryArn, "arn:aws:ecr:us-east-1:000000000000:repository/team/app");
  assert.match(repository?.repositoryUri ?? "", new RegExp(`localhost:${cloud.port}/team/app$`));
  assert.deepEqual(repository?.encryptionConfiguration, { encryptionType: "AES256" });
  const described = await ecr.send(new DescribeRepositoriesCommand({ repositoryNames: ["team/app"] }));
  assert.deepEqual(described.repositories, [repository]);
  const resourceArn = repository?.repositoryArn;
  await ecr.send(new TagResourceCommand({ resourceArn, tags: [{ Key: "stage", Value: "dev" }] }));
  await ecr.send(new UntagResourceCommand({ resourceArn, tagKeys: ["team"] }));
  assert.deepEqual((await ecr.send(new ListTagsForResourceCommand({ resourceArn }))).tags, [{ Key: "stage", Value: "dev" }]);
  await ecr.send(new DeleteRepositoryCommand({ repositoryName: "team/app" }));
  await assert.rejects(ecr.send(new DescribeRepositoriesCommand({ repositoryNames: ["team/app"] })), {
    name: "RepositoryNotFoundException",
    message: "The repository with name 'team/app' does not exist in the registry with id '000000000000'",
  });
});

test("wrong uses get AWS's faults", async () => {
  await using cloud = await newCloud();
  const ecr = new ECRClient(cloud.client);
  await assert.rejects(ecr.send(new CreateRepositoryCommand({ repositoryName: "Upper" })), {
    name: "InvalidParameterException",
    message:
      "Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must satisfy regular expression '(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*''",
  });
  await pushImage(cloud.endpoint, "app", "1");
  await assert.rejects(ecr.send(new CreateRepositoryCommand({ repositoryName: "app" })), {
    name: "RepositoryAlreadyExistsException",
    message: "The repository with name 'app' already exists in the registry with id '000000000000'",
  });
  await assert.rejects(ecr.send(new DeleteRepositoryCommand({ repositoryName: "app" })), {
    name: "RepositoryNotEmptyException",
    message: "The repository with name 'app' in registry with id '000000000000' cannot be deleted because it still contains images",
  });
  await assert.rejects(ecr.send(new DescribeImagesCommand({ repositoryName: "app", imageIds: [{ imageTag: "2" }] })), {
    name: "ImageNotFoundException",
    message:
      "The image with imageId {imageDigest:'null', imageTag:'2'} does not exist within the repository with name 'app' in the registry with id '000000000000'",
  });
  await assert.rejects(ecr.send(new GetRepositoryPolicyCommand({ repositoryName: "app" })), { name: "RepositoryPolicyNotFoundException" });
  await assert.rejects(ecr.send(new PutLifecyclePolicyCommand({ repositoryName: "app", lifecyclePolicyText: "{}" })), {
    name: "NotImplemented",
    message: "The operation PutLifecyclePolicy of ecr is not implemented.",
  });
  await ecr.send(new DeleteRepositoryCommand({ repositoryName: "app", force: true }));
});

test("a policy is kept, given back and deleted", async () => {
  await using cloud = await newCloud();
  const ecr = new ECRClient(cloud.client);
  await ecr.send(new CreateRepositoryCommand({ repositoryName: "app" }));
  const policyText = JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: "*", Action: "ecr:*" }] });
  await ecr.send(new SetRepositoryPolicyCommand({ repositoryName: "app", policyText }));
  assert.equal((await ecr.send(new GetRepositoryPolicyCommand({ repositoryName: "app" }))).policyText, policyText);
  await assert.rejects(ecr.send(new SetRepositoryPolicyCommand({ repositoryName: "app", policyText: "{" })), {
    name: "InvalidParameterException",
  });
  await ecr.send(new DeleteRepositoryPolicyCommand({ repositoryName: "app" }));
  await assert.rejects(ecr.send(new DeleteRepositoryPolicyCommand({ repositoryName: "app" })), {
    name: "RepositoryPolicyNotFoundException",
  });
});

test("images are listed in pages, described, fetched and deleted by tag and by digest", async () => {
  await using cloud = await newCloud();
  const ecr = new ECRClient(cloud.client);
  const one = await pushImage(cloud.endpoint, "app", "one", newImage([randomBytes(5000)]));
  await putManifest(cloud.endpoint, "app", "uno", one.manifest);
  const two = await pushImage(cloud.endpoint, "app", "two");
  const pages = [];
  for (let nextToken: string | undefined, first = true; first || nextToken; first = false) {
    const page = await ecr.send(new ListImagesCommand({ repositoryName: "app", maxResults: 1, nextToken }));
    pages.push(...(page.imageIds ?? []));
    nextToken = page.nextToken;
  }
  assert.deepEqual(pages.map(({ imageTag }) => imageTag).toSorted(), ["one", "two", "uno"]);
  const { imageDetails } = await ecr.send(new DescribeImagesCommand({ repositoryName: "app", imageIds: [{ imageTag: "one" }] }));
  assert.deepEqual(imageDetails?.[0]?.imageTags, ["one", "uno"]);
  assert.equal(
    imageDetails?.[0]?.imageSizeInBytes,
    one.blobs.reduce((sum, blob) => sum + blob.length, 0),
  );
  const got = await ecr.send(new BatchGetImageCommand({ repositoryName: "app", imageIds: [{ imageTag: "two" }, { imageTag: "none" }] }));
  assert.equal(got.images?.[0]?.imageManifest, two.manifest);
  assert.deepEqual(got.failures, [
    { imageId: { imageTag: "none" }, failureCode: "ImageNotFound", failureReason: "Requested image not found" },
  ]);
  const untagged = await ecr.send(new BatchDeleteImageCommand({ repositoryName: "app", imageIds: [{ imageTag: "uno" }] }));
  assert.deepEqual(untagged.imageIds, [{ imageDigest: one.digest, imageTag: "uno" }]);
  await ecr.send(new BatchDeleteImageCommand({ repositoryName: "app", imageIds: [{ imageDigest: one.digest }] }));
  const left = await ecr.send(new ListImagesCommand({ repositoryName: "app" }));
  assert.deepEqual(left.imageIds, [{ imageDigest: two.digest, imageTag: "two" }]);
  const layer = sha256(one.blobs[1] ?? "");
  const layers = await ecr.send(
    new BatchCheckLayerAvailabilityCommand({ repositoryName: "app", layerDigests: [layer, sha256(two.blobs[1] ?? "")] }),
  );
  assert.deepEqual(
    layers.layers?.map(({ layerAvailability }) => layerAvailability),
    ["UNAVAILABLE", "AVAILABLE"],
  );
});

test("an image is put, and its layers are uploaded, by AWS's own operations", async () => {
  await using cloud = await newCloud();
  const ecr = new ECRClient(cloud.client);
  const repositoryName = "app";
  await ecr.send(new CreateRepositoryCommand({ repositoryName, imageTagMutability: "IMMUTABLE" }));
  const image = newImage();
  const put = { repositoryName, imageManifest: image.manifest, imageTag: "1" };
  await assert.rejects(ecr.send(new PutImageCommand(put)), { name: "LayersNotFoundException" });
  for (const blob of image.blobs) {
    const { uploadId } = await ecr.send(new InitiateLayerUploadCommand({ repositoryName }));
    const part = { repositoryName, uploadId, partFirstByte: 0, partLastByte: blob.length - 1, layerPartBlob: blob };
    await ecr.send(new UploadLayerPartCommand(part));
    await assert.rejects(ecr.send(new UploadLayerPartCommand(part)), {
      name: "InvalidLayerPartException",
      lastValidByteReceived: blob.length - 1,
    });
    await ecr.send(new CompleteLayerUploadCommand({ repositoryName, uploadId, layerDigests: [sha256(blob)] }));
  }
  const { image: made } = await ecr.send(new PutImageCommand(put));
  assert.deepEqual(made?.imageId, { imageDigest: image.digest, imageTag: "1" });
  await assert.rejects(ecr.send(new PutImageCommand(put)), { name: "ImageAlreadyExistsException" });
  const other = newImage([image.blobs[1] ?? Buffer.alloc(0)], { annotations: { other: "yes" } });
  await assert.rejects(ecr.send(new PutImageCommand({ ...put, imageManifest: other.manifest })), {
    name: "ImageTagAlreadyExistsException",
  });
  await ecr.send(new PutImageTagMutabilityCommand({ repositoryName, imageTagMutability: "MUTABLE" }));
  await ecr.send(new PutImageCommand({ ...put, imageManifest: other.manifest }));
  const { downloadUrl } = await ecr.send(new GetDownloadUrlForLayerCommand({ repositoryName, layerDigest: sha256(image.blobs[1] ?? "") }));
  assert.deepEqual(Buffer.from(await (await fetch(downloadUrl ?? "")).arrayBuffer()), image.blobs[1]);
});

test("GetAuthorizationToken gives a password for twelve hours, and the aws command prints it", async () => {
  await using cloud = await newCloud();
  const { authorizationData } = await new ECRClient(cloud.client).send(new GetAuthorizationTokenCommand({}));
  const [given] = authorizationData ?? [];
  assert.match(Buffer.from(given?.authorizationToken ?? "", "base64").toString(), /^AWS:.{100,}$/);
  const hours = ((given?.expiresAt?.getTime() ?? 0) - Date.now()) / 3_600_000;
  assert.ok(hours > 11.9 && hours < 12.1);
  assert.ok((await fetch(`${given?.proxyEndpoint}/v2/`)).ok);
  const { stdout } = await promisify(execFile)(aws, ["--endpoint-url", cloud.endpoint, "ecr", "get-login-password"], {
    env: cloud.environment,
  });
  assert.ok(stdout.trim().length > 100);
});

test("a layer is kept once for all repositories that have it, and let go with the last image that names it", async () => {
  await using cloud = await newCloud();
  const ecr = new ECRClient(cloud.client);
  const image = newImage();
  for (const repository of ["one", "two"]) await pushImage(cloud.endpoint, repository, "1", image);
  const holders = () => {
    const database = new DatabaseSync(join(cloud.dataPath, "tandem.db"), { readOnly: true });
    const hex = sha256(image.blobs[1] ?? "").slice("sha256:".length);
    const rows = database.prepare("SELECT owner FROM blob_holds WHERE digest = ? ORDER BY owner").all(hex);
    database.close();
    return rows.map(({ owner }) => owner);
  };
  assert.deepEqual(holders(), ["ecr:layers:000000000000/us-east-1/one", "ecr:layers:000000000000/us-east-1/two"]);
  await ecr.send(new BatchDeleteImageCommand({ repositoryName: "one", imageIds: [{ imageTag: "1" }] }));
  assert.deepEqual(holders(), ["ecr:layers:000000000000/us-east-1/two"]);
  await ecr.send(new DeleteRepositoryCommand({ repositoryName: "two", force: true }));
  assert.deepEqual(holders(), []);
});

test("pages and batches of sizes that are none are refused", async () => {
  await using cloud = await newCloud();
  const ecr = new ECRClient(cloud.client);
  await ecr.send(new CreateRepositoryCommand({ repositoryName: "sizes" }));
  for (const maxResults of [0, 1001]) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other says which failed
    await assert.rejects(ecr.send(new DescribeRepositoriesCommand({ maxResults })), { name: "InvalidParameterException" });
    // oxlint-disable-next-line no-await-in-loop
    await assert.rejects(ecr.send(new ListImagesCommand({ repositoryName: "sizes", maxResults })), { name: "InvalidParameterException" });
  }
  await assert.rejects(ecr.send(new BatchGetImageCommand({ repositoryName: "sizes", imageIds: [] })), {
    name: "InvalidParameterException",
  });
  await assert.rejects(ecr.send(new BatchDeleteImageCommand({ repositoryName: "sizes", imageIds: [] })), {
    name: "InvalidParameterException",
  });
});
