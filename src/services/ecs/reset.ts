import type { Engine } from "#engine/engine.ts";
import type { Store } from "#store/store.ts";
import type { TaskImages } from "./loops/images.ts";
import type { TaskRows } from "./task-rows.ts";
import type { Tables } from "./tables.ts";

/** Forgets everything, and removes the containers of the tasks that ran. */
export const resetTasks = async (
  store: Store,
  { engine, tasks, images }: { engine: () => Promise<Engine>; tasks: TaskRows; images: TaskImages },
): Promise<void> => {
  const alive = await tasks.unfinished();
  await store.transaction<Tables, void>(async (tx) => {
    const tables = ["clusters", "families", "task_definitions", "tasks", "run_tokens", "log_positions", "settings"] as const;
    for (const table of tables) await tx.deleteFrom(`ecs_${table}`).execute();
  });
  if (alive.length > 0) {
    const opened = await engine();
    await Promise.all(alive.map((id) => opened.remove(id)));
  }
  await images.clear();
};
