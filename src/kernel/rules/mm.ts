import { defineRules } from "./rule.ts";

export const mmRules = defineRules({});
