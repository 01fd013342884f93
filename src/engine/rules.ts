/** Refusals of the model itself: a call it does not know, a call that can't be read, a mistake of ours. */
import { defineRules } from "../kernel/rules/rule.ts";

export const modelRules = defineRules({
  "not-modelled": {
    errno: "EOPNOTSUPP",
    meaning: "The model does not know this call on this machine, so it can't say what the kernel would answer; the state is taken as unchanged.",
    holds: "the call is one that the model knows",
    fn: "(the model)",
    advice: "",
  },
  "call-malformed": {
    errno: "EINVAL",
    meaning: "A field of this call is missing or is not what the call takes, so it can't be made; the state is unchanged.",
    holds: "every field that the call needs is there and of its kind",
    fn: "(the model)",
    advice: "Correct the field named in the note.",
  },
  "internal-error": {
    errno: "EINVAL",
    meaning: "The model failed on this call, which is a mistake of iovascope and not of the call; the state is taken as unchanged.",
    holds: "the model could finish the call",
    fn: "(the model)",
    advice: "Please report the scenario: the model should have an answer.",
  },
});

export type Problem = keyof typeof modelRules;

/** What stands in the place of an errno when the model had no answer. */
export const PROBLEM_NAMES: Record<Problem, string> = {
  "not-modelled": "not modelled",
  "call-malformed": "malformed",
  "internal-error": "internal error",
};
