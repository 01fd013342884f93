import type { Platform } from "../../../kernel/config.ts";
import { HOST_FAMILIES, type HostChoice } from "./hosts.ts";

/** The id of the host that is open now. */
export const AS_IT_IS = "open";

interface Props {
  current: Platform;
  chosen: string;
  onChoose: (id: string, platform: Platform) => void;
}

/** Hosts to start from, one of which is chosen. */
export function HostList({ current, chosen, onChoose }: Props) {
  const asItIs: HostChoice = { id: AS_IT_IS, name: "As it is now", summary: current.guessed ? `${current.name}, which was assumed.` : current.name, platform: current };
  const option = ({ id, name, summary, platform }: HostChoice) => (
    <label key={id} className="pf-host">
      <input
        type="radio"
        name="pf-host"
        className="sr-only"
        checked={chosen === id}
        aria-label={name}
        aria-describedby={`pf-host-${id}`}
        data-first-focus={chosen === id || undefined}
        onChange={() => onChoose(id, platform)}
      />
      <span className="pf-host-name">{name}</span>
      <span className="pf-host-summary" id={`pf-host-${id}`}>
        {summary}
      </span>
    </label>
  );
  return (
    <fieldset className="pf-hosts">
      <legend className="sr-only">Host to start from</legend>
      {option(asItIs)}
      {HOST_FAMILIES.map(({ family, hosts }) => (
        <div key={family}>
          <h3 className="pf-family">{family}</h3>
          {hosts.map(option)}
        </div>
      ))}
    </fieldset>
  );
}
