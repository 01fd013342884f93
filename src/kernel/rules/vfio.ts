import { defineRules } from "./rule.ts";

export const vfioRules = defineRules({});
