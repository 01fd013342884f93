/** Is this the text form of a scenario? Looks at its first lines only; knows no calls, so that it costs nothing to ask. */

const MARK = /^# iovascope scenario\b/;
const HEAD = /^(title|trace|platform): \S/;
const BOUND_CALL = /^[A-Za-z_]\w*(, *\w+)* = [A-Za-z]\w+( [^=]*=?|$)/;
const CALL = /^(IOMMU|VFIO|IOMMUFD)_[A-Z0-9_]+( ("?[A-Za-z_][\w.]*"?=\S+|[a-z]\w*))*$/;

export function looksLikeText(text: string): boolean {
  const lines = text.slice(0, 4000).split("\n", 40);
  if (MARK.test(lines[0] ?? "")) return true;
  const first = lines.find((line) => line.trim() !== "" && !line.startsWith("#"))?.trimEnd();
  return first !== undefined && (HEAD.test(first) || BOUND_CALL.test(first) || CALL.test(first));
}
