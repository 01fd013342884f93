import type { StepDetail } from "../../engine/views.ts";
import { useNamed } from "../compare/side.ts";
import { Icon } from "../parts/Icon.tsx";
import { Marks } from "../parts/Refs.tsx";

/** What a call broke: memory used after it was freed, a list left damaged, a reference taken from somebody else. */
export function Damage({ detail }: { detail: StepDetail }) {
  const name = useNamed("Damage");
  const damages = detail.effects.filter((effect) => effect.kind === "damage");
  if (damages.length === 0) return null;
  const isUseAfterFree = damages.some((effect) => /use after free|freed memory/.test(effect.text));
  return (
    <section className="damage" aria-label={name}>
      <h3>
        <Icon name="damage" size={14} /> {isUseAfterFree ? "Use after free" : "Damage"}
      </h3>
      <ul>
        {damages.map((effect, index) => (
          // Two of them may read alike; their order is their identity.
          <li key={index}>
            <span>{effect.text}</span>
            <Marks objects={effect.objects} range={effect.range} />
          </li>
        ))}
      </ul>
    </section>
  );
}
