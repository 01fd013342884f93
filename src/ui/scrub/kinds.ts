import type { ScrubKind } from "../../engine/views.ts";

/** What nobody needs to understand a scenario. PCI addresses are not among them: people talk about devices by them. */
export const PRIVATE: readonly ScrubKind[] = ["memory", "ids", "networks", "people", "paths", "serials"];
