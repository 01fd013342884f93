import { defineRules } from "./rule.ts";

export const ioasidRules = defineRules({});
