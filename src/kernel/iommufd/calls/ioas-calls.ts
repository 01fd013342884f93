/** The ioctls of an IOAS's ranges: allocation, what is usable, what is allowed. */
import { humanSize, plural } from "../../../base/format.ts";
import type { Range } from "../../answer.ts";
import type { CallDef } from "../../call.ts";
import { idOf, isPointerText, orElse, ranges, u32, u64, type FieldKind, type InclusiveRange } from "../../fields.ts";
import { iommufdRules as R } from "../../rules/iommufd.ts";
import { firstOverlap } from "../../ranges/range-list.ts";
import { IoPagetable } from "../io-pagetable.ts";
import { Ioas } from "../objects.ts";
import { nameOf, refOf, reservationAt, reservationRefs } from "../refs.ts";
import { listRanges } from "../trace-help.ts";
import { defineIoctl, flagsAreKnown, reservedIsZero } from "./ioctl.ts";
import { findIoas } from "./lookup.ts";
