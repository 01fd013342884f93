import { Component, type ReactNode } from "react";
import { messageOf } from "../state/notices.ts";

interface Props {
  /** What could not be shown: "this diagram". */
  what: string;
  /** Another value is another try. */
  attempt: unknown;
  children: ReactNode;
}

interface State {
  failure: string | null;
  attempt: unknown;
}

/** Keeps a failure of one part of the page from taking the rest with it; the next step tries again. */
export class Boundary extends Component<Props, State> {
  override state: State = { failure: null, attempt: this.props.attempt };

  static getDerivedStateFromError(error: unknown): Partial<State> {
    return { failure: messageOf(error) };
  }

  static getDerivedStateFromProps(props: Props, state: State): Partial<State> | null {
    return props.attempt === state.attempt ? null : { failure: null, attempt: props.attempt };
  }

  override render(): ReactNode {
    if (this.state.failure === null) return this.props.children;
    return (
      <p className="empty" role="alert">
        {this.props.what} could not be shown ({this.state.failure}). The rest of the page works on.
      </p>
    );
  }
}
