import type { Scenario } from "../scenario.ts";
import type { LinkView } from "./view.ts";
export function trainingScenarios(): { scenario: Scenario; view: LinkView }[] { return []; }
