import { defineRules } from "./rule.ts";

export const iommufdRules = defineRules({});
