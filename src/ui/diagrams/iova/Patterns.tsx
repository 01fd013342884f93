/** Textures of holes: every kind has its own, so that colour is never alone. Coloured by CSS. */
export function Patterns({ id }: { id: string }) {
  return (
    <defs>
      <pattern id={`${id}-msi`} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <path className="dg-hatch k-msi" d="M3 0V6" />
      </pattern>
      <pattern id={`${id}-reserved`} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)">
        <path className="dg-hatch k-reserved" d="M3 0V6" />
      </pattern>
      <pattern id={`${id}-direct`} width="9" height="9" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)">
        <path className="dg-hatch k-direct" d="M2 0V9M5 0V9" />
      </pattern>
      <pattern id={`${id}-sw-msi`} width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <path className="dg-hatch k-sw-msi" d="M3.5 0V7M0 3.5H7" />
      </pattern>
      <pattern id={`${id}-aperture`} width="8" height="6" patternUnits="userSpaceOnUse">
        <path className="dg-hatch k-aperture" d="M0 3H8" />
      </pattern>
      <pattern id={`${id}-test`} width="6" height="6" patternUnits="userSpaceOnUse">
        <circle className="dg-dot k-test" cx="1.5" cy="1.5" r="1.1" />
        <circle className="dg-dot k-test" cx="4.5" cy="4.5" r="1.1" />
      </pattern>
    </defs>
  );
}

const TEXTURED = new Set(["msi", "reserved", "direct", "sw-msi", "aperture", "test"]);

/** The fill of a kind's texture, or null when the kind has none. */
export function textureOf(kind: string, id: string): string | null {
  return TEXTURED.has(kind) ? `url(#${id}-${kind})` : null;
}
