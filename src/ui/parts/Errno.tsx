/** An answer's errno: green OK, red anything else. */
export function Errno({ errno, strong = false }: { errno: string; strong?: boolean }) {
  const kind = errno === "OK" ? "ok" : "refused";
  return <span className={`errno errno-${kind}${strong ? " errno-strong" : ""}`}>{errno}</span>;
}
