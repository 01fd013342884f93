/** The text form as an input: what it is recognised by, and the scenario it makes. */
import { wholeKernel } from "../../kernel/whole.ts";
import { InputError } from "../inputs.ts";
import type { Scenario } from "../scenario.ts";
import { resolveNames } from "./names.ts";
import { parseScenarioText } from "./parse.ts";
import { textProblem } from "./problem.ts";

/** The scenario of a text, names resolved. Throws InputError with the first places that are wrong. */
export function readScenarioText(name: string, text: string): Scenario {
  const { scenario, problems } = parseScenarioText(text);
  if (scenario) return resolveNames(scenario, wholeKernel);
  const [first, ...more] = problems;
  const rest = more.length === 0 ? "" : ` (and ${more.slice(0, 2).map(textProblem).join("; ")}${more.length > 2 ? `; ${more.length - 2} more` : ""})`;
  throw new InputError(name, first?.line ?? 0, `${first ? `column ${first.column}: ${first.message}` : "it can't be read"}${rest}`);
}
