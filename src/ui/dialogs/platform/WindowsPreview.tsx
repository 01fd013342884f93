import { groupedHex, humanSize, plural } from "../../../base/format.ts";
import { add, lengthOf, sub, type U64 } from "../../../base/u64.ts";
import type { Range } from "../../../kernel/answer.ts";
import type { Platform, ReservedRegion } from "../../../kernel/config.ts";
import { firstAttach } from "../../../kernel/vfio/first-attach.ts";

interface Props {
  platform: Platform;
  kernel: string;
  groups: readonly number[];
  /** The group whose windows show. */
  group: number | null;
  onGroup: (group: number) => void;
}

/** A valid window or a hole, in the order of addresses. */
interface Piece extends Range {
  hole: ReservedRegion | null;
  names: string;
}

/** The aperture in pieces. */
function piecesOf(platform: Platform, windows: readonly Range[], regions: readonly ReservedRegion[]): Piece[] {
  const pieces: Piece[] = [];
  const hole = (first: U64, last: U64) => {
    const inIt = regions.filter((region) => region.first <= last && region.last >= first);
    pieces.push({ first, last, hole: inIt[0] ?? null, names: [...new Set(inIt.map((region) => region.label ?? region.type))].join(", ") });
  };
  let from: U64 = platform.aperture.first;
  for (const { first, last } of windows) {
    if (first > from) hole(from, sub(first, 1));
    pieces.push({ first, last, hole: null, names: "" });
    from = add(last, 1);
  }
  if (from <= platform.aperture.last) hole(from, platform.aperture.last);
  return pieces;
}

/** What a container with this one group may map. */
export function WindowsPreview({ platform, kernel, groups, group, onGroup }: Props) {
  const found = group === null ? null : firstAttach(platform, group, kernel);
  const total = found?.windows.reduce<bigint>((sum, { first, last }) => sum + BigInt(lengthOf(first, last)), 0n) ?? 0n;
  return (
    <section className="pf-preview" aria-labelledby="pf-preview-title">
      <div className="pf-preview-head">
        <h3 id="pf-preview-title">Valid windows</h3>
        {groups.length > 0 && (
          <select aria-label="Of a container with" value={group ?? ""} onChange={(event) => onGroup(Number(event.currentTarget.value))}>
            {groups.map((number) => (
              <option key={number} value={number}>
                group {number}
              </option>
            ))}
          </select>
        )}
      </div>
      {found === null && <p className="quiet">There is no group to look at.</p>}
      {found?.refused && (
        <p className="pf-refused">
          <span className="errno errno-refused">{found.refused.errno}</span> {found.refused.rule.meaning}
        </p>
      )}
      {found && !found.refused && (
        <>
          <p className="pf-preview-sum">
            {plural(found.windows.length, "window")}, {humanSize(total)} in all
          </p>
          <ol className="pf-pieces">
            {piecesOf(platform, found.windows, found.regions).map((piece) => (
              <li key={String(piece.first)} className={piece.hole ? "pf-hole" : undefined} data-type={piece.hole?.type}>
                {piece.hole ? (
                  <>
                    <span>{piece.names}</span> <span>{humanSize(lengthOf(piece.first, piece.last))}</span>
                  </>
                ) : (
                  <>
                    <code>
                      {groupedHex(piece.first)}–<wbr />
                      {groupedHex(piece.last)}
                    </code>{" "}
                    <span>{humanSize(lengthOf(piece.first, piece.last))}</span>
                  </>
                )}
              </li>
            ))}
          </ol>
        </>
      )}
    </section>
  );
}
