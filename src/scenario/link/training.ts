/**
 * What a link's model has seen before its first bit: made-up scenarios in the forms that importers, recordings and
 * stories have, as links hold them. Frozen with version 1 of the link: were training.json to change, published links
 * would no longer open.
 */
import type { Linked } from "./scenario-codec.ts";
import training from "./training.json" with { type: "json" };

export const TRAINING = training as unknown as readonly Linked[];
