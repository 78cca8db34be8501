import type { ECRClient } from "@aws-sdk/client-ecr";
import { proxyArguments } from "#config";
import type { CloudAddress } from "#config";
import { openImageBuilder } from "../../image-builder.ts";
import { CliError } from "../cli-error.ts";
import { seconds } from "../terminal.ts";
import type { Terminal } from "../terminal.ts";
import type { WantedImage } from "./load-app.ts";

type Registry = { client: ECRClient; terminal: Terminal };
type Builder = Awaited<ReturnType<typeof openImageBuilder>>;

/** Builds and pushes the images that the registry does not have yet. Tags follow from the content, so what is there needs no second look. */
export const publishImages = async (
  images: readonly WantedImage[],
  { address, terminal }: { address: CloudAddress; terminal: Terminal },
): Promise<void> => {
  if (images.length === 0) return;
  const { ECRClient: Client } = await import("@aws-sdk/client-ecr");
  const registry = { client: new Client(address), terminal };
  try {
    for (const image of images) await publish(image, registry);
  } finally {
    registry.client.destroy();
  }
};

const publish = async (image: WantedImage, registry: Registry): Promise<void> => {
  const { terminal } = registry;
  const { DescribeImagesCommand } = await import("@aws-sdk/client-ecr");
  const repositoryUri = await ensureRepository(image.repository, registry);
  const known = await registry.client
    .send(new DescribeImagesCommand({ repositoryName: image.repository, imageIds: [{ imageTag: image.tag }] }))
    .catch((error: unknown) => unless(error, "ImageNotFoundException"));
  if (known) return terminal.step("image", `${image.task}: pushed before, nothing changed`, { task: image.task, isNew: false });
  const builder = await openImageBuilder();
  const local = await build(image, builder, terminal);
  await push(image, { builder, local, repositoryUri, ...registry });
};

const ensureRepository = async (name: string, { client }: Registry): Promise<string> => {
  const { CreateRepositoryCommand, DescribeRepositoriesCommand } = await import("@aws-sdk/client-ecr");
  const found = await client
    .send(new DescribeRepositoriesCommand({ repositoryNames: [name] }))
    .catch((error: unknown) => unless(error, "RepositoryNotFoundException"));
  const uri = found?.repositories?.[0]?.repositoryUri;
  if (uri !== undefined) return uri;
  const { repository } = await client.send(new CreateRepositoryCommand({ repositoryName: name }));
  return repository?.repositoryUri ?? name;
};

const unless = (error: unknown, name: string): undefined => {
  if (!(error instanceof Error && error.name === name)) throw error;
};

/** Builds under a name of its own, by which the next deployment to a fresh cloud finds the image. */
const build = async (image: WantedImage, builder: Builder, terminal: Terminal): Promise<string> => {
  const local = `tandem-app/${image.repository}:${image.tag}`;
  if (await builder.find(local)) {
    terminal.step("image", `${image.task}: built before, nothing changed`, { task: image.task, built: false });
    return local;
  }
  terminal.step("image", `${image.task}: building`, { task: image.task });
  const startedAt = performance.now();
  await builder
    .build(
      { contextPath: image.contextPath, dockerfile: image.dockerfile, tag: local, arguments: { ...proxyArguments(), ...image.arguments } },
      (line) => {
        if (/^Step \d+\//.test(line)) terminal.detail(line);
      },
    )
    .catch((error: unknown) => {
      throw new CliError(`The image of task "${image.task}" could not be built from ${image.contextPath}:\n${messageOf(error)}`, {
        cause: error,
      });
    });
  const ms = performance.now() - startedAt;
  terminal.step("image", `${image.task}: built in ${seconds(ms)}`, { task: image.task, built: true, ms: Math.round(ms) });
  return local;
};

const push = async (
  image: WantedImage,
  { builder, local, repositoryUri, client, terminal }: Registry & { builder: Builder; local: string; repositoryUri: string },
): Promise<void> => {
  const { GetAuthorizationTokenCommand } = await import("@aws-sdk/client-ecr");
  const { authorizationData } = await client.send(new GetAuthorizationTokenCommand({}));
  const token = Buffer.from(authorizationData?.[0]?.authorizationToken ?? "", "base64").toString();
  const [username = "", password = ""] = token.split(/:(.*)/s);
  const reference = `${repositoryUri}:${image.tag}`;
  const startedAt = performance.now();
  await builder.tag(local, reference);
  try {
    const { digest } = await builder.push(reference, { username, password }, () => undefined);
    const ms = performance.now() - startedAt;
    terminal.step("image", `${image.task}: pushed to ${reference} in ${seconds(ms)}`, {
      task: image.task,
      reference,
      digest,
      ms: Math.round(ms),
    });
  } catch (error) {
    throw new CliError(`The image of task "${image.task}" could not be pushed to ${reference}: ${messageOf(error)}`, { cause: error });
  } finally {
    // The name was for the push alone; the image keeps its local one.
    await builder.remove(reference).catch(() => undefined);
  }
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
