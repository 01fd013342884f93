import { useState } from "react";
import { MACHINES, type MachineType } from "../../scenario/layout/guest.ts";
import type { Clues, Finding } from "../../engine/views.ts";
import { useApp, useSession } from "../app.ts";
import { HOSTS, onHost, type Answers } from "./answers.ts";

/** Causes that depend on where the guest's memory lies, or on how much of it there is. */
const ABOUT_MEMORY: ReadonlySet<Finding["cause"]> = new Set(["iova-above-aperture", "map-crosses-reserved-region", "vcpu-address-width", "memlock-limit", "pinned-more-than-once"]);
const MOST_DEVICES = 200;

/** A few questions about what the inputs leave open; an answer makes another diagnosis at once. Nothing when they say it all. */
export function Questions({ finding, clues, answers, onAnswer }: { finding: Finding; clues: Clues; answers: Answers; onAnswer: (answers: Answers) => void }) {
  const { session } = useApp();
  const platform = useSession((state) => state.loaded?.platform);
  const [host, setHost] = useState("");
  if (!platform) return null;
  const asksHost = platform.guessed === true || answers.host;
  const asksMemory = ABOUT_MEMORY.has(finding.cause) && clues.options?.guest.ram === undefined;
  const devices = clues.assigned.length === 0 ? clues.groups.flatMap(({ group, devices: members }) => members.map(({ name }) => ({ name, group }))).slice(0, MOST_DEVICES) : [];
  const asksDevice = new Set(devices.map(({ group }) => group)).size > 1 && (finding.confidence === "guessed" || finding.where === null);
  if (!asksHost && !asksMemory && !asksDevice) return null;
  const chooseHost = (name: string) => {
    setHost(name);
    const chosen = HOSTS.find((candidate) => candidate.name === name);
    if (!chosen) return;
    onAnswer({ ...answers, host: true });
    void session.changePlatform(onHost(platform, chosen.spec));
  };
  return (
    <form className="diagnosis-questions" aria-label="What the input does not say" onSubmit={(event) => event.preventDefault()}>
      <p>The input does not say this. If you know:</p>
      {asksHost && (
        <label>
          Host
          <select value={host} onChange={(event) => chooseHost(event.currentTarget.value)}>
            <option value="">which one?</option>
            {HOSTS.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      )}
      {asksMemory && (
        <>
          <label className="diagnosis-half">
            RAM
            <input type="number" min="1" max="65536" step="any" placeholder="GiB" aria-label="Guest’s RAM, GiB" value={answers.ram ?? ""} onChange={(event) => onAnswer({ ...answers, ram: Number(event.currentTarget.value) > 0 ? Number(event.currentTarget.value) : null })} />
          </label>
          <label className="diagnosis-half">
            Machine
            <select value={answers.machine ?? ""} onChange={(event) => onAnswer({ ...answers, machine: MACHINES.find((name): name is MachineType => name === event.currentTarget.value) ?? null })}>
              <option value="">which?</option>
              {MACHINES.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
        </>
      )}
      {asksDevice && (
        <label>
          Device given away
          <select value={answers.device ?? ""} onChange={(event) => onAnswer({ ...answers, device: event.currentTarget.value || null })}>
            <option value="">which one?</option>
            {devices.map(({ name, group }) => (
              <option key={name} value={name}>
                {name}, group {group}
              </option>
            ))}
          </select>
        </label>
      )}
    </form>
  );
}
