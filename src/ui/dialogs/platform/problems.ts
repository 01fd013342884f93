import { createContext } from "react";
import type { Problems } from "./check.ts";

/** What is wrong in the dialog, and whether a person has tried to apply it: only then empty fields are a mistake. */
export const ProblemsContext = createContext<{ problems: Problems; tried: boolean }>({ problems: new Map(), tried: false });
