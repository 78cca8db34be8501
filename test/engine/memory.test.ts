import { openMemoryEngine } from "#engine/memory/memory-engine.ts";
import { SimulatedMachine } from "#engine/memory/simulated-machine.ts";
import { testEngine, type Step } from "./contract.ts";

const missingImage = "no-such-image";
const machine = new SimulatedMachine({ hasImage: (reference) => reference !== missingImage });

const wordsOf = (step: Step): string[] => {
  if (step === "untilAsked") return ["wait"];
  if (step === "stubbornly") return ["persist"];
  if (step === "exhaustMemory") return ["exhaust"];
  if ("print" in step) return ["print", step.print];
  if ("complain" in step) return ["complain", step.complain];
  if ("sleepSeconds" in step) return ["sleep", String(step.sleepSeconds)];
  return ["exit", String(step.exit)];
};

await testEngine("memory", {
  open: async (cloudId) => openMemoryEngine(machine, cloudId),
  container: (name, steps) => ({ name, image: "any", essential: true, command: steps.flatMap(wordsOf) }),
  missingImage,
});
