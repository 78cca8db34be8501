import type { Engine } from "#engine/engine.ts";
import type { Log } from "#wire/context.ts";
import { noRuntimeImage } from "../faults.ts";
import { runtimes } from "../limits.ts";

const imageOf = (runtime: string) => `tandem/runtime:${runtime}`;
const languageOf = (runtime: string) => /^[a-z]+/.exec(runtime)?.[0] ?? runtime;

/** The others of the same language, those whose version is nearest first. */
const nearestRuntimes = (runtime: string): string[] => {
  const number = (name: string) => {
    const [major = 0, minor = 0] = (/\d+(?:\.\d+)?/.exec(name)?.[0] ?? "0").split(".").map(Number);
    return major * 100 + minor;
  };
  const distance = (name: string) => Math.abs(number(name) - number(runtime));
  return runtimes
    .filter((name) => name !== runtime && languageOf(name) === languageOf(runtime))
    .toSorted((a, b) => distance(a) - distance(b));
};

type Settings = { engine: () => Promise<Engine>; mayReplace: boolean; log: Log };

/** Finds the image of a runtime on this machine. */
export const newRuntimeImages = ({ engine, mayReplace, log }: Settings) => {
  const replaced = new Set<string>();
  return async (runtime: string): Promise<string> => {
    const { images } = await engine();
    if (await images.find(imageOf(runtime))) return imageOf(runtime);
    for (const other of mayReplace ? nearestRuntimes(runtime) : []) {
      if (!(await images.find(imageOf(other)))) continue;
      if (!replaced.has(runtime))
        log.warn({ runtime, replacement: other }, `functions on ${runtime} run on ${other}: there is no image ${imageOf(runtime)}`);
      replaced.add(runtime);
      return imageOf(other);
    }
    throw noRuntimeImage(runtime, imageOf(runtime));
  };
};
