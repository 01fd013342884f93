import { ThemeButton } from "../shell/Header.tsx";
import { CommandButton } from "../parts/CommandButton.tsx";
import { ContinueSlot } from "../library/ContinueSlot.tsx";
import { Lessons } from "../lessons/Lessons.tsx";
import { Logo } from "../parts/Logo.tsx";
import { Examples } from "./Examples.tsx";
import { ImportBox } from "./ImportBox.tsx";
import "../parts/more-icons.ts";

/** Nothing is open: bring something, or take an example. */
export function StartPage() {
  return (
    <main className="start">
      <header className="start-bar">
        <div className="brand">
          <Logo />
          <span className="wordmark">iovascope</span>
        </div>
        <div className="header-buttons">
          <CommandButton id="palette" icon="search" className="button-quiet button-icon" />
          <ThemeButton />
          <CommandButton id="settings" icon="settings" className="button-quiet button-icon" />
          <CommandButton id="help" icon="help" className="button-quiet button-icon" />
        </div>
      </header>
      <div className="start-inner">
        <h1>See how Linux hands out DMA address space, and why it refuses.</h1>
        <p className="start-lead">
          A model of the kernel runs in this page: IOASIDs, iommufd objects, VFIO and its valid IOVA ranges. Step through a capture of your own and see every check
          behind every answer. Nothing leaves this machine.
        </p>
        <ContinueSlot />
        <ImportBox action="Import" />
        <div className="start-ways">
          <p>
            <CommandButton id="plan" icon="plan">Will it fit?</CommandButton>
            <span>Lay out a guest’s memory against the holes and the width of a host.</span>
          </p>
          <p>
            <CommandButton id="write" icon="rename">Write a scenario</CommandButton>
            <span>Begin with nothing, call by call; each answer shows before it is added.</span>
          </p>
        </div>
        <section className="start-lessons" aria-label="Lessons">
          <h2>Lessons</h2>
          <Lessons />
        </section>
        <Examples />
      </div>
    </main>
  );
}
