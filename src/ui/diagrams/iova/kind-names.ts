import type { SpanKind } from "../../../engine/views.ts";

const NAMES: Record<SpanKind, string> = {
  msi: "MSI window",
  "sw-msi": "SW-MSI window",
  reserved: "reserved by the platform",
  direct: "direct (firmware)",
  "direct-relaxable": "direct, relaxable",
  aperture: "outside the aperture",
  test: "reserved by a test",
  "aperture-field": "aperture",
  valid: "valid window",
  allowed: "allowed range",
  mapping: "mapping",
  call: "asked for by this call",
  "call-hit": "what decided",
};

export function kindName(kind: SpanKind): string {
  return NAMES[kind];
}
