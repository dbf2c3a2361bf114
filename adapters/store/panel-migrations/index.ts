import type { Migration } from "../migrations/index.ts";
import { panelInitial } from "./001-initial.ts";

/** Only ever added to: a step that has been released is never changed. */
export const panelMigrations: readonly Migration[] = [{ name: "initial", sql: panelInitial }];
