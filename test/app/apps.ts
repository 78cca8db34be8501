import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export type TestApp = AsyncDisposable & { folder: string; file: string };

/** An app in a folder of its own, gone at the end of the scope. `files` are beside it. */
export const newApp = async (source: string, files: Readonly<Record<string, string>> = {}): Promise<TestApp> => {
  const parent = await mkdtemp(join(tmpdir(), "tandem-test-app-"));
  const folder = join(parent, "my-app");
  const all = Object.entries({ "app.ts": source, ...files });
  for (const [name, content] of all) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return { folder, file: join(folder, "app.ts"), [Symbol.asyncDispose]: () => rm(parent, { recursive: true, force: true }) };
};
